using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>What an agent can do of what need not be (specification 4.4.3). Null: not said.</summary>
internal sealed record AgentCapabilities
{
    public bool? Streaming { get; init; }

    public bool? PushNotifications { get; init; }

    public IReadOnlyList<AgentExtension>? Extensions { get => field; init => field = Proto.Unset(value); }

    public bool? ExtendedAgentCard { get; init; }
}

/// <summary>An extension an agent knows (specification 4.4.4).</summary>
internal sealed record AgentExtension
{
    public string Uri { get => field ?? ""; init; }

    public string? Description { get => field; init => field = Proto.Unset(value); }

    /// <summary>A client that does not know it can't talk to the agent.</summary>
    public bool? Required { get => field; init => field = Proto.Unset(value); }

    public JsonObject? Params { get; init; }
}
