namespace ProtoAgent.Stores.Checkpoints;

/// <summary>Ids of threads that mean something to the store.</summary>
public static class ThreadIds
{
    /// <summary>Of a subagent's thread: <c>task:&lt;turn&gt;/&lt;call&gt;</c>. It goes when the thread of that turn goes, and no list shows it.</summary>
    public const string Task = "task:";

    /// <summary>Of a conversation that leaves nothing behind: no list shows it, and it goes soon after its last turn.</summary>
    public const string Incognito = "incognito:";

    /// <summary>Behind every id that begins with <see cref="Task"/>.</summary>
    internal const string BehindTask = "task;";

    /// <summary>Behind every id that begins with <see cref="Incognito"/>.</summary>
    internal const string BehindIncognito = "incognito;";

    /// <summary>
    /// The thread an incognito turn is on: one of its own, beside the thread of that id. What is said in the open may be
    /// remembered and what is said here may not, so the two never share a thread.
    /// </summary>
    public static string ToIncognito(string id) => IsIncognito(id) ? id : Incognito + id;

    public static bool IsIncognito(string id) => id.StartsWith(Incognito, StringComparison.Ordinal);
}
