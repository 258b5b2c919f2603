using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A;

/// <summary>What this agent does beyond the protocol, if it is asked to by <c>A2A-Extensions</c>. docs/a2a.md describes each.</summary>
internal static class Extensions
{
    /// <summary>An answer that needs no person comes as a message, for callers that know no tasks.</summary>
    public const string DirectMessage = "urn:protoagent:a2a:direct-message:v1";

    /// <summary>The stream also says which tools are called.</summary>
    public const string ToolCalls = "urn:protoagent:a2a:tool-calls:v1";

    public static IReadOnlyList<AgentExtension> All { get; } =
    [
        new() { Uri = DirectMessage, Description = "SendMessage is answered with a Message when the answer needs nobody." },
        new() { Uri = ToolCalls, Description = "Status updates also tell of tool calls, in their metadata under this URI." },
    ];

    /// <summary>Those asked for that there are; others are passed over (specification 4.6.3).</summary>
    public static IReadOnlySet<string> Activated(IEnumerable<string> asked) =>
        All.Select(e => e.Uri).Intersect(asked, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
}
