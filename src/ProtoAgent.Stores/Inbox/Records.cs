namespace ProtoAgent.Stores.Inbox;

/// <summary>How soon an item is wanted. Stored by number: the lower comes first.</summary>
public enum InboxPriority
{
    /// <summary>The agent is woken for it.</summary>
    Now,

    /// <summary>With the next turn that looks.</summary>
    Next,

    /// <summary>When somebody asks for what can wait.</summary>
    Later,
}

/// <summary>How an item stands. Stored by name.</summary>
public enum InboxStatus
{
    Pending,

    /// <summary>A process has it in hand and has not said yet that it was read.</summary>
    Claimed,
    Delivered,

    /// <summary>Given up by who tried to deliver it. It stays to be seen, and is not tried again.</summary>
    Expired,
}

/// <param name="Text">1 to 65,536 characters.</param>
/// <param name="Source">Who sends it, 1 to 128 characters: what the storm guard counts by. <c>inbox</c> is taken.</param>
/// <param name="DedupKey">1 to 256 characters that name what it is about; null if each is meant.</param>
public sealed record NewItem(string Text, InboxPriority Priority, string Source, string? DedupKey = null);

/// <param name="Id">A UUID, version 7.</param>
public sealed record InboxItem(
    string Id, string Text, InboxPriority Priority, string Source, string? DedupKey, DateTimeOffset CreatedAt, InboxStatus Status)
{
    /// <summary>The process that has, or had, it in hand; null if none has.</summary>
    public string? ClaimedBy { get; init; }

    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>The number of its last claim. Who names an older one is refused.</summary>
    public long Fence { get; init; }

    /// <summary>When it was delivered or expired.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public DateTimeOffset? DeliveredAt => Status == InboxStatus.Delivered ? EndedAt : null;

    /// <summary>The turn that read it; null if a person took it off.</summary>
    public string? TurnId { get; init; }

    /// <summary>Turns that were run for it and failed.</summary>
    public long Attempts { get; init; }

    /// <summary>Why it was last put back, or given up.</summary>
    public string? LastError { get; init; }

    /// <summary>Not to be claimed before; null if it need not wait. Who reads the inbox may read it all the same.</summary>
    public DateTimeOffset? DueAt { get; init; }
}

/// <summary>The answer to <see cref="InboxStore.AddAsync"/>: what it says is on the disk.</summary>
public abstract record InboxAdd
{
    private InboxAdd()
    {
    }

    public sealed record Added(InboxItem Item) : InboxAdd;

    /// <summary>An item with this key was added within the window; it may have been delivered meanwhile. Nothing was written.</summary>
    public sealed record Deduplicated(InboxItem Existing) : InboxAdd;

    /// <summary>The source sends too much: the item was refused, and the notice in the inbox counts it.</summary>
    /// <param name="Refused">Items the notice stands for.</param>
    public sealed record Storm(InboxItem Notice, long Refused) : InboxAdd;
}

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record InboxPage(IReadOnlyList<InboxItem> Items, string? Next);

/// <param name="Fresh">False when the same call had read them before: it is made again.</param>
/// <param name="More">There is more that the call did not take.</param>
public sealed record InboxRead(IReadOnlyList<InboxItem> Items, bool Fresh, bool More);

/// <summary>The item can't be stored; the message says why. Nothing was written.</summary>
/// <param name="field">snake_case.</param>
public sealed class BadItemException(string field, string message) : ArgumentException(message)
{
    public string Field { get; } = field;
}

/// <summary>The claim is over: the item was released, claimed again, delivered or deleted meanwhile. Nothing was written.</summary>
public sealed class StaleClaimException(string message) : Exception(message);
