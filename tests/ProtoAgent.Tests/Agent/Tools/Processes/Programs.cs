using ProtoAgent.Tests.Architecture;

namespace ProtoAgent.Tests.Agent.Tools.Processes;

/// <summary>Real programs, as this build made them.</summary>
internal static class Programs
{
    /// <summary>No test waits for anything longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The product, for its <c>guard</c> command; built beside the tests.</summary>
    public static string Agent { get; } = Path.Combine(AppContext.BaseDirectory, "protoagent");

    /// <summary>An MCP server over its standard streams.</summary>
    public static string McpFixture { get; } = Built("ProtoAgent.McpFixture", "mcp-fixture");

    /// <summary>What this build made of a neighbour: the tests lie in …/tests/ProtoAgent.Tests/bin/[configuration]/net10.0/.</summary>
    private static string Built(string project, string name)
    {
        var framework = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        return Path.Combine(SourceTree.Root, "tests", project, "bin", framework.Parent!.Name, framework.Name, name);
    }
}
