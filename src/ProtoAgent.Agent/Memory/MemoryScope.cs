using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Memory;

/// <summary>Which threads are conversations somebody may want to come back to.</summary>
internal static class MemoryScope
{
    /// <summary>What the agent does by itself has a list of its own.</summary>
    private const string System = "system:";

    public static bool IsRemembered(string threadId) =>
        !ThreadIds.IsIncognito(threadId) && !threadId.StartsWith(ThreadIds.Task, StringComparison.Ordinal) && !threadId.StartsWith(System, StringComparison.Ordinal);
}
