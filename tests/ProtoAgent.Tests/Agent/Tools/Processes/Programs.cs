namespace ProtoAgent.Tests.Agent.Tools.Processes;

/// <summary>Real programs, as this build made them.</summary>
internal static class Programs
{
    /// <summary>No test waits for anything longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The product, for its <c>guard</c> command; built beside the tests.</summary>
    public static string Agent { get; } = Path.Combine(AppContext.BaseDirectory, "protoagent");
}
