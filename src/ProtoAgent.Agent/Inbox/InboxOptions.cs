namespace ProtoAgent.Agent.Inbox;

/// <summary>What the inbox keeps out, and how long it tries.</summary>
public sealed record InboxOptions
{
    /// <summary>How long a dedup key stands for the item that came with it. 0 to 30 days.</summary>
    public TimeSpan DedupWindow { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Items of one source taken within a minute. 1 to 1,000,000.</summary>
    public int StormLimit { get; init; } = 60;

    /// <summary>Turns run for a <c>now</c> item before it is given up.</summary>
    public int MostAttempts { get; init; } = 6;

    /// <summary>After the first turn that failed; four times as long after each other one.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where the pauses stop growing.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromHours(1);

    /// <param name="failed">Turns that failed so far, at least 1.</param>
    internal TimeSpan PauseAfter(long failed) =>
        TimeSpan.FromTicks((long)Math.Min(LongestPause.Ticks, FirstPause.Ticks * Math.Pow(4, failed - 1)));
}
