using System.Text.Json.Serialization;

namespace ProtoAgent.Stores.Jobs;

/// <summary>What becomes of fires that came due while nobody could make them. Stored by name.</summary>
public enum MissedFires
{
    /// <summary>The latest is made up for; the others are recorded as missed.</summary>
    [JsonStringEnumMemberName("fire_once")]
    FireOnce,

    [JsonStringEnumMemberName("fire_all")]
    FireAll,

    [JsonStringEnumMemberName("skip")]
    Skip,
}

/// <summary>What becomes of a fire that comes due while the job still runs. Stored by name.</summary>
public enum Overlap
{
    [JsonStringEnumMemberName("skip")]
    Skip,

    /// <summary>One waits for the end of the run; more are skipped.</summary>
    [JsonStringEnumMemberName("queue_one")]
    QueueOne,

    [JsonStringEnumMemberName("parallel")]
    Parallel,
}

/// <summary>How a job deals with what does not go by the clock.</summary>
public sealed record JobPolicy
{
    /// <summary>The longest wait between two attempts.</summary>
    public static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(1);

    public const int MostRetries = 100;

    public MissedFires Missed { get; init; } = MissedFires.FireOnce;

    /// <summary>How late a missed fire may still be made up for. Default 24 hours.</summary>
    public TimeSpan MissedWindow { get; init; } = TimeSpan.FromHours(24);

    public Overlap Overlap { get; init; } = Overlap.Skip;

    /// <summary>Attempts after the first one failed. Default 3; 0 to 100.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The wait before the first retry; doubles with each, up to an hour. Default 30 seconds.</summary>
    public TimeSpan RetryBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much later than due a run may begin, so that many jobs of one minute don't begin at once. Default 0.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>No fire is due after it. Default never.</summary>
    public DateTimeOffset? EndAt { get; init; }

    /// <summary>How many times the schedule fires. Default without end; at least 1.</summary>
    public long? MaxRuns { get; init; }

    /// <summary>Runs that fail one after another, retries included, until the job is paused. Default 0: never.</summary>
    public int PauseAfterFailures { get; init; }

    /// <summary>How long to wait after that attempt failed; null when it was the last.</summary>
    /// <param name="attempt">From 1: <see cref="Run.Attempt"/>.</param>
    public TimeSpan? BackoffAfter(int attempt)
    {
        if (attempt > Retries)
        {
            return null;
        }

        // As a double: a hundred doublings are beyond any whole number of milliseconds.
        var wait = RetryBackoff.TotalMilliseconds * Math.Pow(2, Math.Max(0, attempt - 1));
        return wait < LongestBackoff.TotalMilliseconds ? TimeSpan.FromMilliseconds(wait) : LongestBackoff;
    }

    /// <summary>What is wrong with it, and what to do; null when nothing is.</summary>
    public string? Problem() =>
        !Enum.IsDefined(Missed) || !Enum.IsDefined(Overlap) ? "The policy names a rule for missed or overlapping fires that there is not. Take one of those listed."
        : MissedWindow < TimeSpan.Zero || RetryBackoff < TimeSpan.Zero || Jitter < TimeSpan.Zero ? "missed_window, retry_backoff and jitter can't be negative."
        : Retries is < 0 or > MostRetries ? $"retries is {Retries}; give 0 to {MostRetries}."
        : MaxRuns < 1 ? $"max_runs is {MaxRuns}; give at least 1, or leave it out for a job without end."
        : PauseAfterFailures < 0 ? $"pause_after_failures is {PauseAfterFailures}; give 0 for never, or how many failures in a row."
        : null;
}
