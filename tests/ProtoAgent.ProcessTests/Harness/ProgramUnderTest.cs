namespace ProtoAgent.ProcessTests.Harness;

/// <summary>
/// The program as users have it: the native binary named by <c>PROTOAGENT_TEST_BINARY</c>, else what this build made. There
/// is no third way, and no skipping.
/// </summary>
internal static class ProgramUnderTest
{
    public static string Path { get; } = Find();

    /// <summary>Whether it is one that needs no compiler at its start, so that many can be started at once.</summary>
    public static bool IsNative => Environment.GetEnvironmentVariable("PROTOAGENT_TEST_BINARY") is { Length: > 0 };

    /// <summary>The helper that holds an owner lock.</summary>
    public static string LockHolder { get; } = Built("tests/ProtoAgent.LockHolder", "lock-holder");

    /// <summary>The helper that dies in the middle of a turn.</summary>
    public static string CrashHost { get; } = Built("tests/ProtoAgent.CrashHost", "crash-host");

    /// <summary>The helper that works a schedule on a clock of its parent's.</summary>
    public static string ScheduleHost { get; } = Built("tests/ProtoAgent.ScheduleHost", "schedule-host");

    /// <summary>An MCP server that speaks over its standard input and output.</summary>
    public static string McpFixture { get; } = Built("tests/ProtoAgent.McpFixture", "mcp-fixture");

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("PROTOAGENT_TEST_BINARY") is { Length: > 0 } native)
        {
            return File.Exists(native) ? System.IO.Path.GetFullPath(native) : throw new FileNotFoundException($"PROTOAGENT_TEST_BINARY names {native}, which isn't there.");
        }

        return Built("src/ProtoAgent", "protoagent");
    }

    /// <summary>What this build made of another project: the tests lie in …/tests/ProtoAgent.ProcessTests/bin/[configuration]/net10.0/.</summary>
    private static string Built(string project, string name)
    {
        var framework = new DirectoryInfo(System.IO.Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var built = System.IO.Path.Combine(FindRepository(), project, "bin", framework.Parent!.Name, framework.Name, name);
        return File.Exists(built) ? built : throw new FileNotFoundException($"{built} isn't there: build the solution first.");
    }

    private static string FindRepository()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(at, "ProtoAgent.slnx")))
        {
            at = System.IO.Path.GetDirectoryName(at) ?? throw new InvalidOperationException("ProtoAgent.slnx is not above the tests.");
        }

        return at;
    }
}
