namespace ProtoAgent.Stores.Activity;

/// <summary>Who made the agent do it. Stored by name.</summary>
public enum ActivityOrigin
{
    Scheduler,
    Inbox,

    /// <summary>A peer agent.</summary>
    A2A,
    Operator,
}

/// <param name="Kind">What happened, snake_case; the writer's business, opaque to the store.</param>
public sealed record NewActivity(ActivityOrigin Origin, string Kind, string Text)
{
    public string? ThreadId { get; init; }

    public string? TurnId { get; init; }

    /// <summary>The scheduled job behind it.</summary>
    public string? JobId { get; init; }

    /// <summary>The inbox item behind it.</summary>
    public string? ItemId { get; init; }

    /// <summary>Names the effect this line tells of, so that an effect that is tried again is one line.</summary>
    public string? UniqueKey { get; init; }
}

/// <param name="Seq">Rises with every line, in the order they became visible; with gaps, never given twice.</param>
public sealed record ActivityEntry(long Seq, DateTimeOffset At, ActivityOrigin Origin, string Kind, string Text)
{
    public string? ThreadId { get; init; }

    public string? TurnId { get; init; }

    public string? JobId { get; init; }

    public string? ItemId { get; init; }
}

/// <param name="IsNew">False when a line with this key was there already: it is the one returned, as it was.</param>
public sealed record ActivityAppended(ActivityEntry Entry, bool IsNew);

/// <param name="Items">Newest last.</param>
/// <param name="Older">The cursor of the page before this one in time; null when there is none.</param>
public sealed record ActivityPage(IReadOnlyList<ActivityEntry> Items, string? Older);
