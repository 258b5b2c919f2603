namespace ProtoAgent.Agent.Network;

/// <summary>What the agent may reach on behalf of a model or a peer.</summary>
public sealed record NetworkOptions
{
    /// <summary>Names (<c>wiki.internal</c>, <c>*.internal</c>), addresses or CIDRs let through the fence that keeps private addresses out.</summary>
    public IReadOnlyList<string> AllowHosts { get; init; } = [];
}
