namespace ProtoAgent.Stores.Jobs;

/// <summary>The reasons the store itself gives, for a job's state and for a run's.</summary>
public static class JobReasons
{
    /// <summary>Of a job: a person paused it. Of a run: that was why it did not fire, or was not tried again.</summary>
    public const string Paused = "paused";

    /// <summary>Of a job: too many runs failed one after another.</summary>
    public const string Failures = "failures";

    /// <summary>Of a job: its schedule has nothing more to come.</summary>
    public const string Completed = "completed";

    public const string MaxRuns = "max_runs";

    public const string EndAt = "end_at";

    /// <summary>Of a run: its schedule was changed when it was due.</summary>
    public const string Edited = "edited";

    /// <summary>Of a run: the job still ran when it was due.</summary>
    public const string Overlap = "overlap";

    /// <summary>Of a run: a later due time of the same absence was made up for instead.</summary>
    public const string Superseded = "superseded";

    /// <summary>Of a run: nobody was there until it was too late, by the job's policy.</summary>
    public const string TooLate = "too_late";

    /// <summary>Of a run: somebody cancelled its turn.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Of a run: processes kept dying in it. Of a job: that is why it is paused.</summary>
    public const string CrashLoop = "crash_loop";

    /// <summary>Of a run: asked for by hand.</summary>
    public const string RunNow = "run_now";
}
