using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Jobs;

/// <summary>What happens at and after a due time, each inside the caller's transaction.</summary>
internal sealed class RunWrites(TimeProvider time)
{
    /// <summary>Claimed, running, or waiting to be tried again.</summary>
    public const string OpenOfJob =
        """
        SELECT (SELECT COUNT(*) FROM runs INDEXED BY runs_open_of_job WHERE job_id = ?1 AND finished_at IS NULL)
             + (SELECT COUNT(*) FROM runs INDEXED BY runs_retry_of_job WHERE job_id = ?1 AND not_before IS NOT NULL)
        """;

    /// <summary>
    /// Null when the job's next fire is not that one any more. When the due time has a row already (the schedule was set
    /// back to it), the next fire moves on all the same, or nobody would ever get past it.
    /// </summary>
    public Run? Claim(SqliteSession session, string jobId, DateTimeOffset due, DateTimeOffset? nextFire, string runner, int? mostOpen)
    {
        if (Due(session, jobId, due) is not { } job)
        {
            return null;
        }

        if (mostOpen is { } most && session.Integer(OpenOfJob, jobId) >= most)
        {
            var skipped = JobMoves.Settle(session, jobId, due, RunStatus.Skipped, JobReasons.Overlap, Now());
            JobMoves.Save(session, JobMoves.Place(skipped ? job with { LastStatus = RunStatus.Skipped } : job, Whole(nextFire)));
            return skipped ? JobRows.FindRun(session, jobId, due) : null;
        }

        var run = Insert(session, jobId, due, runner, reason: null);
        var fired = run is null ? job : job with { Runs = job.Runs + 1, LastFire = run.DueAt, LastStatus = RunStatus.Claimed };
        JobMoves.Save(session, JobMoves.Place(fired, Whole(nextFire)));
        return run;
    }

    public bool Record(SqliteSession session, string jobId, IReadOnlyList<DateTimeOffset> due, DateTimeOffset? nextFire, RunStatus status, string? reason)
    {
        if (Due(session, jobId, due[0]) is not { } job)
        {
            return false;
        }

        var now = Now();
        foreach (var at in due)
        {
            if (JobMoves.Settle(session, jobId, at, status, reason, now))
            {
                job = job with { LastStatus = status };
            }
        }

        JobMoves.Save(session, JobMoves.Place(job, Whole(nextFire)));
        return true;
    }

    public Run? RunNow(SqliteSession session, string jobId, string runner)
    {
        if (JobRows.FindJob(session, jobId) is not { } job)
        {
            return null;
        }

        // The schedule's own due times stay the schedule's; two requests of one millisecond are two.
        var at = JobRows.Time(Now());
        Run? run = null;
        while (run is null)
        {
            run = at == job.NextFire ? null : Insert(session, jobId, at, runner, JobReasons.RunNow);
            at = at.AddMilliseconds(1);
        }

        JobMoves.Save(session, job with { LastFire = run.DueAt, LastStatus = RunStatus.Claimed });
        return run;
    }

    public Run Start(SqliteSession session, string runId, long fence, string turnId)
    {
        var run = Held(session, runId, fence);
        if (run.Status != RunStatus.Claimed)
        {
            throw new StaleFenceException($"The run '{runId}' runs already, as turn '{run.TurnId}'. Don't begin another.");
        }

        session.Execute("UPDATE runs SET status = 'running', turn_id = ?2, started_at = ?3 WHERE id = ?1", runId, turnId, Now());
        if (!run.JobDeleted && JobRows.FindJob(session, run.JobId) is { } job)
        {
            JobMoves.Save(session, job with { LastStatus = RunStatus.Running });
        }

        return JobRows.FindRun(session, runId)!;
    }

    public FinishedRun Finish(SqliteSession session, string runId, long fence, RunStatus status, string? error, DateTimeOffset? retryAt, string? why)
    {
        var run = Held(session, runId, fence);
        var job = run.JobDeleted ? null : JobRows.FindJob(session, run.JobId);
        var now = Now();

        // Who pauses or deletes a job wants it to stop: what runs may end, but is not begun again.
        var retry = job is { State: not JobState.Paused } ? retryAt?.ToUnixTimeMilliseconds() : null;
        var reason = retryAt is not null && retry is null && job is not null ? JobReasons.Paused : why ?? run.Reason;
        session.Execute(
            "UPDATE runs SET status = ?2, finished_at = ?3, error = COALESCE(?4, error), not_before = ?5, reason = ?6 WHERE id = ?1",
            runId,
            JobNames.Of(status),
            now,
            error,
            retry,
            reason);
        var paused = false;
        if (job is not null)
        {
            (job, paused) = Count(session, job, status, final: retry is null, why == JobReasons.CrashLoop, now);
            JobMoves.Save(session, job);
        }

        return new FinishedRun(JobRows.FindRun(session, runId)!, job, paused);
    }

    public Run? ClaimRetry(SqliteSession session, string runId, string runner) =>
        JobRows.FindRun(session, runId) is { NotBefore: { } at } run && at.ToUnixTimeMilliseconds() <= Now()
            ? ClaimAgain(session, run with { Attempt = run.Attempt + 1, Crashes = 0 }, runner)
            : null;

    /// <summary>A run that only waited for its turn is not what its process died of.</summary>
    public Run? TakeOver(SqliteSession session, string runId, long fence, string runner) =>
        JobRows.FindRun(session, runId) is { FinishedAt: null } run && run.Fence == fence
            ? ClaimAgain(session, run with { Crashes = run.Crashes + (run is { Status: RunStatus.Running, Runner: not null } ? 1 : 0) }, runner)
            : null;

    public static int Prune(SqliteSession session, long before, int most) => session.Execute(
        """
        DELETE FROM runs WHERE (job_id, due_at) IN
          (SELECT job_id, due_at FROM runs INDEXED BY runs_ended WHERE finished_at < ?1 AND not_before IS NULL ORDER BY finished_at LIMIT ?2)
        """,
        before,
        most);

    /// <summary>Pauses the job in the same transaction: with a moment between, its next due time could fire once more, or a process die in it.</summary>
    private static (Job Job, bool Paused) Count(SqliteSession session, Job job, RunStatus status, bool final, bool crashing, long now)
    {
        var counted = job with
        {
            LastStatus = status,
            ConsecutiveFailures = status == RunStatus.Done ? 0 : job.ConsecutiveFailures + (status == RunStatus.Failed && final ? 1 : 0),
        };
        var pausing = status == RunStatus.Failed && final && job.State == JobState.Active
            && (crashing || (job.Policy.PauseAfterFailures is > 0 and var limit && counted.ConsecutiveFailures >= limit));
        return pausing ? (JobMoves.Pause(session, counted, crashing ? JobReasons.CrashLoop : JobReasons.Failures, now), true) : (counted, false);
    }

    private static Job? Due(SqliteSession session, string jobId, DateTimeOffset due) =>
        JobRows.FindJob(session, jobId) is { NextFire: { } next } job && next.ToUnixTimeMilliseconds() == due.ToUnixTimeMilliseconds() ? job : null;

    private static Run Held(SqliteSession session, string runId, long fence)
    {
        var run = JobRows.FindRun(session, runId)
            ?? throw new StaleFenceException($"The run '{runId}' is not in the store: its job was deleted.");
        return run.FinishedAt is not null ? throw new StaleFenceException($"The run '{runId}' has ended: it is {JobNames.Of(run.Status)}.")
            : run.Fence != fence ? throw new StaleFenceException($"The run '{runId}' was claimed anew, under fence {run.Fence}; this claim's was {fence}.")
            : run;
    }

    private static long NextFence(SqliteSession session) => session.Integer("UPDATE totals SET value = value + 1 WHERE name = 'fence' RETURNING value")!.Value;

    private static DateTimeOffset? Whole(DateTimeOffset? at) => at is { } a ? JobRows.Time(a.ToUnixTimeMilliseconds()) : null;

    /// <summary>Null when the due time has a row.</summary>
    private Run? Insert(SqliteSession session, string jobId, DateTimeOffset due, string runner, string? reason)
    {
        var now = Now();
        var id = JobMoves.NewId(now);
        var inserted = session.Execute(
            """
            INSERT INTO runs (job_id, due_at, id, status, reason, fence, runner, attempt, claimed_at)
            VALUES (?1, ?2, ?3, 'claimed', ?4, ?5, ?6, 1, ?7) ON CONFLICT (job_id, due_at) DO NOTHING
            """,
            jobId,
            due.ToUnixTimeMilliseconds(),
            id,
            reason,
            NextFence(session),
            runner,
            now);
        return inserted == 1 ? JobRows.FindRun(session, id) : null;
    }

    /// <summary>The turn of the attempt before stays named until the next begins: it may be one to go on with.</summary>
    private Run ClaimAgain(SqliteSession session, Run run, string runner)
    {
        session.Execute(
            """
            UPDATE runs SET status = 'claimed', fence = ?2, runner = ?3, claimed_at = ?4, attempt = ?5, crashes = ?6,
              started_at = NULL, finished_at = NULL, not_before = NULL
            WHERE id = ?1
            """,
            run.Id,
            NextFence(session),
            runner,
            Now(),
            run.Attempt,
            run.Crashes);
        return JobRows.FindRun(session, run.Id)!;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
