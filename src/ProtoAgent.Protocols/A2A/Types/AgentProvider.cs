namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>Who runs an agent (specification 4.4.2).</summary>
internal sealed record AgentProvider
{
    public string Url { get => field ?? ""; init; }

    public string Organization { get => field ?? ""; init; }
}
