namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>One MCP server to call: a program to start, or an address. Exactly one of both.</summary>
public sealed record McpServerOptions(string Name)
{
    public string? Command { get; init; }

    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Secret values. All the program gets, besides <c>PATH</c>, <c>HOME</c> (the instance's workspace), <c>PROTOAGENT_INSTANCE</c> and <c>PROTOAGENT_ROOT</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Streamable HTTP.</summary>
    public Uri? Url { get; init; }

    /// <summary>Secret values.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public bool Enabled { get; init; } = true;

    /// <summary>For one call of a tool. 1 s to 1 h.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Without the secrets.</summary>
    public override string ToString() => $"{Name}: {Command ?? Url?.ToString()}";
}
