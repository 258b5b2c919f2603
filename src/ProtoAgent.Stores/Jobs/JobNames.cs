namespace ProtoAgent.Stores.Jobs;

/// <summary>The enums as they lie in the file, and as the surfaces show them.</summary>
public static class JobNames
{
    public static string Of(JobState state) => state switch
    {
        JobState.Active => "active",
        JobState.Paused => "paused",
        JobState.Ended => "ended",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No such state of a job."),
    };

    internal static JobState State(string name) => name switch
    {
        "active" => JobState.Active,
        "paused" => JobState.Paused,
        "ended" => JobState.Ended,
        _ => throw Unknown("state", name),
    };

    public static string Of(RunStatus status) => status switch
    {
        RunStatus.Claimed => "claimed",
        RunStatus.Running => "running",
        RunStatus.Done => "done",
        RunStatus.Failed => "failed",
        RunStatus.Missed => "missed",
        RunStatus.Skipped => "skipped",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status of a run."),
    };

    internal static RunStatus Status(string name) => name switch
    {
        "claimed" => RunStatus.Claimed,
        "running" => RunStatus.Running,
        "done" => RunStatus.Done,
        "failed" => RunStatus.Failed,
        "missed" => RunStatus.Missed,
        "skipped" => RunStatus.Skipped,
        _ => throw Unknown("run status", name),
    };

    internal static StoreException Unknown(string what, string name) => new(
        JobSchema.Schema.Store, "store_newer", $"The jobs hold the {what} '{name}', which this program does not know. Start the newer program.");
}
