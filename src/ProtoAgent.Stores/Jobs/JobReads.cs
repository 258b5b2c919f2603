using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Jobs;

/// <summary>The questions to <c>jobs.db</c> that change nothing.</summary>
internal sealed class JobReads(ReadPool pool) : IJobReader
{
    /// <inheritdoc/>
    public Task<Job?> GetAsync(string jobId, CancellationToken cancellationToken = default) =>
        pool.ReadAsync(session => JobRows.FindJob(session, jobId), cancellationToken);

    /// <inheritdoc/>
    public Task<JobPage> ListAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default)
    {
        JobGuards.Limit(limit);
        var behind = JobCursor.Decode(cursor);
        return pool.ReadAsync(
            session =>
            {
                var jobs = JobRows.Jobs(
                    session, "WHERE (created_at, id) < (?1, ?2) ORDER BY created_at DESC, id DESC LIMIT ?3", behind.At, behind.Id, limit + 1);
                return jobs.Count <= limit
                    ? new JobPage(jobs, null)
                    : new JobPage(jobs[..limit], new JobCursor(jobs[limit - 1].CreatedAt.ToUnixTimeMilliseconds(), jobs[limit - 1].Id).Encode());
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Run?> GetRunAsync(string runId, CancellationToken cancellationToken = default) =>
        pool.ReadAsync(session => JobRows.FindRun(session, runId), cancellationToken);

    /// <inheritdoc/>
    public Task<RunPage> RunsAsync(string jobId, int limit, string? cursor = null, CancellationToken cancellationToken = default)
    {
        JobGuards.Limit(limit);
        var behind = JobCursor.Decode(cursor);
        return pool.ReadAsync(
            session =>
            {
                var runs = JobRows.Runs(
                    session, "WHERE job_id = ?1 AND due_at < ?2 AND job_deleted = 0 ORDER BY due_at DESC LIMIT ?3", jobId, behind.At, limit + 1);
                return runs.Count <= limit
                    ? new RunPage(runs, null)
                    : new RunPage(runs[..limit], new JobCursor(runs[limit - 1].DueAt.ToUnixTimeMilliseconds(), runs[limit - 1].Id).Encode());
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken = default) =>
        pool.ReadAsync<DateTimeOffset?>(
            session =>
            {
                var fire = session.Integer("SELECT MIN(next_fire) FROM jobs WHERE next_fire IS NOT NULL");
                var retry = session.Integer("SELECT MIN(not_before) FROM runs WHERE not_before IS NOT NULL");
                return fire is null && retry is null ? null : JobRows.Time(Math.Min(fire ?? long.MaxValue, retry ?? long.MaxValue));
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<long> CountAsync(CancellationToken cancellationToken = default) =>
        pool.ReadAsync(session => session.Integer("SELECT value FROM totals WHERE name = 'jobs'") ?? 0, cancellationToken);
}
