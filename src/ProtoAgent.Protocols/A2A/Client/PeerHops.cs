using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>How often a piece of work has been passed on from agent to agent, as messages say it: so that two that delegate to one another come to an end.</summary>
internal static class PeerHops
{
    private const string Key = "urn:protoagent:a2a:hops:v1";
    private const int Most = 1000;

    /// <summary>0 where nothing is said, or nothing that is a number.</summary>
    public static int Of(JsonObject? metadata) =>
        metadata is not null && metadata.TryGetPropertyValue(Key, out var value) && value is JsonValue said && said.TryGetValue<int>(out var hops) ? Math.Clamp(hops, 0, Most) : 0;

    public static JsonObject Metadata(int hops) => new() { [Key] = hops };
}
