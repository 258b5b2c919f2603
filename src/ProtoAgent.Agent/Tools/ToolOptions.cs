namespace ProtoAgent.Agent.Tools;

/// <summary>Which tools the model is offered, and which of them wait for a person.</summary>
public sealed record ToolOptions
{
    /// <summary>Names of tools that are off by default and are to be offered.</summary>
    public IReadOnlyList<string> Enable { get; init; } = [];

    /// <summary>Names of tools not to offer; wins over <see cref="Enable"/>. <c>server__*</c> stands for all of an MCP server's.</summary>
    public IReadOnlyList<string> Disable { get; init; } = [];

    /// <summary>Names of further tools each call of which a person must approve.</summary>
    public IReadOnlyList<string> RequireApproval { get; init; } = [];

    /// <summary>Names of tools that need no approval although they would by themselves.</summary>
    public IReadOnlyList<string> WaiveApproval { get; init; } = [];

    /// <summary>The longest result shown to the model, in characters; a longer one is kept whole on disk. 1,000 to 1,000,000.</summary>
    public int LongestResult { get; init; } = 20_000;

    /// <summary>Whether a name is in a list that may hold <c>prefix*</c>.</summary>
    public static bool Matches(IReadOnlyList<string> list, string name) =>
        list.Any(l => l.EndsWith('*') ? name.StartsWith(l[..^1], StringComparison.Ordinal) : l == name);
}
