using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Jobs;

/// <summary>What a job's changes and its runs' have in common, each inside the caller's transaction.</summary>
internal static class JobMoves
{
    /// <summary>Gives the job its next fire, or ends it: the one place where that is decided.</summary>
    public static Job Place(Job job, DateTimeOffset? nextFire) =>
        nextFire is not { } next ? Rest(job, JobState.Ended, JobReasons.Completed)
        : job.Runs >= job.Policy.MaxRuns ? Rest(job, JobState.Ended, JobReasons.MaxRuns)
        : next > job.Policy.EndAt ? Rest(job, JobState.Ended, JobReasons.EndAt)
        : job with { State = JobState.Active, NextFire = next, PausedReason = null };

    /// <summary>Pauses the job if it is active; what waits to be tried again is tried no more, whatever its state.</summary>
    public static Job Pause(SqliteSession session, Job job, string reason, long now)
    {
        session.Execute(
            "UPDATE runs INDEXED BY runs_retry_of_job SET not_before = NULL, reason = ?2 WHERE job_id = ?1 AND not_before IS NOT NULL", job.Id, JobReasons.Paused);
        if (job.State != JobState.Active)
        {
            return job;
        }

        var paused = Changed(Rest(job, JobState.Paused, reason), now);
        return GiveUpOverdue(session, job, paused, JobReasons.Paused, now);
    }

    /// <summary>A fire that was due already and that the change takes away gets its row: nothing due is without one.</summary>
    public static Job GiveUpOverdue(SqliteSession session, Job before, Job after, string reason, long now) =>
        before.NextFire is { } due && due.ToUnixTimeMilliseconds() <= now && due != after.NextFire
        && Settle(session, before.Id, due, RunStatus.Skipped, reason, now)
            ? after with { LastStatus = RunStatus.Skipped }
            : after;

    /// <summary>A row that ends as it begins. False when the due time had one.</summary>
    public static bool Settle(SqliteSession session, string jobId, DateTimeOffset due, RunStatus status, string? reason, long now) =>
        session.Execute(
            "INSERT INTO runs (job_id, due_at, id, status, reason, fence, attempt, finished_at) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, ?6) ON CONFLICT (job_id, due_at) DO NOTHING",
            jobId,
            due.ToUnixTimeMilliseconds(),
            NewId(now),
            JobNames.Of(status),
            reason,
            now) == 1;

    public static Job Changed(Job job, long now) => job with { Version = job.Version + 1, UpdatedAt = JobRows.Time(now) };

    /// <summary>Writes all of a job but what an edit alone changes.</summary>
    public static Job Save(SqliteSession session, Job job)
    {
        session.Execute(
            """
            UPDATE jobs SET updated_at = ?2, version = ?3, state = ?4, reason = ?5, next_fire = ?6, last_fire = ?7, last_status = ?8, runs = ?9, failures = ?10
            WHERE id = ?1
            """,
            job.Id,
            job.UpdatedAt.ToUnixTimeMilliseconds(),
            job.Version,
            JobNames.Of(job.State),
            job.PausedReason,
            job.NextFire?.ToUnixTimeMilliseconds(),
            job.LastFire?.ToUnixTimeMilliseconds(),
            job.LastStatus is { } status ? JobNames.Of(status) : null,
            job.Runs,
            job.ConsecutiveFailures);
        return job;
    }

    public static string NewId(long now) => Guid.CreateVersion7(JobRows.Time(now)).ToString();

    private static Job Rest(Job job, JobState state, string reason) => job with { State = state, NextFire = null, PausedReason = reason };
}
