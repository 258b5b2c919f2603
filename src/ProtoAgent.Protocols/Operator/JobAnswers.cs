using System.Text.Json.Serialization;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Protocols.Operator;

/// <param name="State"><c>active</c>, <c>paused</c> or <c>ended</c>.</param>
/// <param name="PausedReason">Why it is paused or ended; null while active.</param>
/// <param name="LastStatus">What became last of any of its due times.</param>
/// <param name="Runs">Fires of the schedule; those asked for by hand don't count.</param>
internal sealed record JobItem(
    string Id, string Prompt, string Schedule, string Timezone, string? SessionId, string State, bool Enabled, string? PausedReason,
    DateTimeOffset? NextFire, DateTimeOffset? LastFire, string? LastStatus, long Runs, int ConsecutiveFailures, JobPolicyBody Policy,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version)
{
    public static JobItem Of(Job j) => new(
        j.Id, j.Prompt, j.Schedule, j.Timezone, j.SessionId, JobNames.Of(j.State), j.Enabled, j.PausedReason,
        j.NextFire, j.LastFire, j.LastStatus is { } status ? JobNames.Of(status) : null, j.Runs, j.ConsecutiveFailures, JobPolicyBody.Of(j.Policy),
        j.CreatedAt, j.UpdatedAt, j.Version);
}

/// <param name="Existed">True when nothing was added, because there is the very same job; else left out.</param>
internal sealed record JobAnswer(JobItem Job, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Existed = null);

internal sealed record JobList(IReadOnlyList<JobItem> Items, string? Next);

/// <summary>A due time and what became of it.</summary>
/// <param name="Status"><c>claimed</c>, <c>running</c>, <c>done</c>, <c>failed</c>, <c>missed</c> or <c>skipped</c>.</param>
/// <param name="Reason">Why it came to this, where there is something to say.</param>
/// <param name="Attempt">From 1; 0 if nobody answered for it.</param>
/// <param name="Crashes">Processes that died while this attempt ran.</param>
/// <param name="RetryAt">Of a failure that is tried again.</param>
internal sealed record RunItem(
    string Id, string JobId, DateTimeOffset DueAt, DateTimeOffset? ClaimedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt,
    string Status, string? Reason, int Attempt, int Crashes, DateTimeOffset? RetryAt, string? TurnId, string? Error)
{
    public static RunItem Of(Run r) => new(
        r.Id, r.JobId, r.DueAt, r.ClaimedAt, r.StartedAt, r.FinishedAt, JobNames.Of(r.Status), r.Reason, r.Attempt, r.Crashes, r.NotBefore, r.TurnId, r.Error);
}

internal sealed record RunAnswer(RunItem Run);

internal sealed record RunList(IReadOnlyList<RunItem> Items, string? Next);

internal sealed record JobCancelled(string Id, bool Canceled);

/// <param name="Schedule">In the one way of writing a job would keep.</param>
/// <param name="Next">The next fires; fewer than asked for, or none, when there are no more to come.</param>
internal sealed record SchedulePreview(string Schedule, string Timezone, bool Recurs, IReadOnlyList<DateTimeOffset> Next);
