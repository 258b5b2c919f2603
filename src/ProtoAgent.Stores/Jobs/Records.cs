namespace ProtoAgent.Stores.Jobs;

/// <summary>How a job stands. Stored by name.</summary>
public enum JobState
{
    /// <summary>Has a next fire.</summary>
    Active,
    Paused,

    /// <summary>Its schedule has nothing more to come, or its policy says so.</summary>
    Ended,
}

/// <summary>How a due time stands. Stored by name.</summary>
public enum RunStatus
{
    /// <summary>Somebody answers for it; nothing has been done yet.</summary>
    Claimed,
    Running,
    Done,

    /// <summary>With <see cref="Run.NotBefore"/> it will be tried again.</summary>
    Failed,

    /// <summary>Nobody was there when it was due, and it was too late afterwards.</summary>
    Missed,

    /// <summary>It was due and not wanted: <see cref="Run.Reason"/> says why.</summary>
    Skipped,
}

/// <summary>A prompt and when to send it. The schedule is text to the store: whoever reads it computes the next fire.</summary>
public sealed record Job
{
    public required string Id { get; init; }

    public required string Prompt { get; init; }

    public required string Schedule { get; init; }

    public required string Timezone { get; init; }

    /// <summary>The conversation its turns go to; null for one of its own.</summary>
    public string? SessionId { get; init; }

    public required JobState State { get; init; }

    public bool Enabled => State == JobState.Active;

    /// <summary>Null unless active.</summary>
    public DateTimeOffset? NextFire { get; init; }

    /// <summary>The due time that was claimed last.</summary>
    public DateTimeOffset? LastFire { get; init; }

    /// <summary>What happened last to any of its due times.</summary>
    public RunStatus? LastStatus { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When somebody last changed it: an edit, a pause, a resumption. A fire is no change.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Counts the changes: what an edit says it has seen.</summary>
    public required long Version { get; init; }

    /// <summary>What the intervals of an <c>every</c> schedule are counted from.</summary>
    public required DateTimeOffset Anchor { get; init; }

    public required JobPolicy Policy { get; init; }

    /// <summary>Fires of the schedule that were claimed; those asked for by hand don't count.</summary>
    public long Runs { get; init; }

    /// <summary>Runs that failed for good since the last that didn't, or since it was resumed.</summary>
    public int ConsecutiveFailures { get; init; }

    /// <summary>Why it is paused or ended, one of <see cref="JobReasons"/> or the pauser's own; null while active.</summary>
    public string? PausedReason { get; init; }
}

/// <param name="NextFire">The first one.</param>
public sealed record NewJob(string Prompt, string Schedule, string Timezone, DateTimeOffset NextFire)
{
    /// <summary>Null makes a UUID. 1 to 128 of <c>A-Z a-z 0-9 . _ -</c>.</summary>
    public string? Id { get; init; }

    public string? SessionId { get; init; }

    public JobPolicy Policy { get; init; } = new();

    /// <summary>Null is now.</summary>
    public DateTimeOffset? Anchor { get; init; }
}

/// <summary>What a job is to be from now on, all of it.</summary>
/// <param name="NextFire">
/// Taken only where the schedule, time zone or anchor changes, or the job had ended: otherwise the fire that stands is the
/// right one, and may be due this very moment.
/// </param>
public sealed record JobEdit(string Prompt, string Schedule, string Timezone, string? SessionId, JobPolicy Policy, DateTimeOffset? NextFire)
{
    /// <summary>Null leaves it.</summary>
    public DateTimeOffset? Anchor { get; init; }
}

/// <param name="Existed">The same had been added before, and has not ended: nothing was written.</param>
public sealed record Added(Job Job, bool Existed);

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record JobPage(IReadOnlyList<Job> Items, string? Next);

/// <summary>One due time of a job and what became of it. <see cref="Id"/> is the idempotency key of its effect.</summary>
public sealed record Run
{
    /// <summary>A UUID; stays the same through every attempt.</summary>
    public required string Id { get; init; }

    public required string JobId { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    public required RunStatus Status { get; init; }

    /// <summary>Why it came to this, one of <see cref="JobReasons"/> or the scheduler's own.</summary>
    public string? Reason { get; init; }

    /// <summary>Grows over the whole store with each claim; who holds an older one can't write any more. 0 if never claimed.</summary>
    public required long Fence { get; init; }

    /// <summary>The process that claimed it: <c>InstanceRecord.ProcessId</c>.</summary>
    public string? Runner { get; init; }

    /// <summary>The turn that was begun for it last. After a claim that follows another, the one before.</summary>
    public string? TurnId { get; init; }

    /// <summary>From 1, one more with each retry; 0 if never claimed. A take-over goes on with the attempt there is.</summary>
    public required int Attempt { get; init; }

    /// <summary>Processes that died while this attempt ran.</summary>
    public int Crashes { get; init; }

    public DateTimeOffset? ClaimedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Failed, and to be tried again then.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Of the last attempt that failed.</summary>
    public string? Error { get; init; }

    /// <summary>Its job was deleted while it ran.</summary>
    public bool JobDeleted { get; init; }
}

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record RunPage(IReadOnlyList<Run> Items, string? Next);

/// <summary>What is due, the longest overdue first.</summary>
/// <param name="Retries">Failed runs whose time has come again.</param>
public sealed record DueWork(IReadOnlyList<Job> Jobs, IReadOnlyList<Run> Retries);

/// <param name="Job">As it is now; null if it was deleted.</param>
/// <param name="PausedJob">This failure was one too many, or a crash loop; the job says which.</param>
public sealed record FinishedRun(Run Run, Job? Job, bool PausedJob);
