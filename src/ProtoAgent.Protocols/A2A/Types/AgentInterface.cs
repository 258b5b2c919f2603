namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>One way an agent is reached (specification 4.4.6).</summary>
internal sealed record AgentInterface : IChecked
{
    public const string JsonRpc = "JSONRPC";
    public const string HttpJson = "HTTP+JSON";

    public string Url { get => field ?? ""; init; }

    /// <summary><see cref="JsonRpc"/>, <see cref="HttpJson"/>, <c>GRPC</c> or a URI.</summary>
    public string ProtocolBinding { get => field ?? ""; init; }

    public string? Tenant { get => field; init => field = Proto.Unset(value); }

    /// <summary><c>Major.Minor</c>.</summary>
    public string ProtocolVersion { get => field ?? ""; init; }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}url", Url);
        checks.Required($"{at}protocolBinding", ProtocolBinding);
        checks.Required($"{at}protocolVersion", ProtocolVersion);
    }
}
