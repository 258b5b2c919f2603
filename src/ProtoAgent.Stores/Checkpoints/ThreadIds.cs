namespace ProtoAgent.Stores.Checkpoints;

/// <summary>Ids of threads that mean something to the store.</summary>
public static class ThreadIds
{
    /// <summary>Of a subagent's thread: <c>task:&lt;turn&gt;/&lt;call&gt;</c>. It goes when the thread of that turn goes, and no list shows it.</summary>
    public const string Task = "task:";

    /// <summary>Behind every id that begins with <see cref="Task"/>.</summary>
    internal const string BehindTask = "task;";
}
