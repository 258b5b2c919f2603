using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Jobs;

/// <summary>Scheduled jobs in <c>jobs.db</c>; see README.md for what holds when.</summary>
public sealed class JobStore : IJobStore
{
    /// <summary>The most items on a page.</summary>
    public const int MaxPage = 500;

    /// <summary>The most due times recorded at once, so that others get their turn.</summary>
    public const int MaxRecorded = 1000;

    /// <summary>Rows pruned in one transaction.</summary>
    private const int PrunedAtOnce = 2000;

    private readonly SqliteDatabase _database;
    private readonly JobReads _reads;
    private readonly JobWrites _jobs;
    private readonly RunWrites _runs;
    private readonly TimeProvider _time;

    private JobStore(SqliteDatabase database, TimeProvider time)
    {
        _database = database;
        _reads = new JobReads(database.Reads);
        _jobs = new JobWrites(time);
        _runs = new RunWrites(time);
        _time = time;
    }

    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<JobStore> OpenAsync(InstancePaths paths, TimeProvider time, ILogger logger) =>
        new(await SqliteDatabase.OpenAsync(paths, JobSchema.Schema, logger), time);

    /// <inheritdoc/>
    public StoreException? Problem => _database.Problem;

    /// <inheritdoc/>
    public Task<Added> AddAsync(NewJob job, CancellationToken cancellationToken = default)
    {
        JobGuards.New(job);
        return WriteAsync(session => _jobs.Add(session, job), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Job?> UpdateAsync(string jobId, JobEdit edit, long version, CancellationToken cancellationToken = default)
    {
        JobGuards.Edit(edit);
        return WriteAsync(session => _jobs.Edit(session, jobId, edit, version), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Job?> PauseAsync(string jobId, string reason = JobReasons.Paused, CancellationToken cancellationToken = default) =>
        WriteAsync(session => _jobs.Pause(session, jobId, reason), cancellationToken);

    /// <inheritdoc/>
    public Task<Job?> ResumeAsync(string jobId, DateTimeOffset? nextFire, CancellationToken cancellationToken = default) =>
        WriteAsync(session => _jobs.Resume(session, jobId, nextFire), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string jobId, CancellationToken cancellationToken = default) =>
        WriteAsync(session => JobWrites.Delete(session, jobId), cancellationToken);

    /// <inheritdoc/>
    public Task<DueWork> DueAsync(int limit, CancellationToken cancellationToken = default)
    {
        JobGuards.Limit(limit);
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        return _database.ReadAsync(
            session => new DueWork(
                JobRows.Jobs(session, "WHERE next_fire <= ?1 ORDER BY next_fire, id LIMIT ?2", now, limit),
                JobRows.Runs(session, "WHERE not_before <= ?1 ORDER BY not_before LIMIT ?2", now, limit)),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Run?> ClaimAsync(
        string jobId, DateTimeOffset dueAt, DateTimeOffset? nextFire, string runner, int? mostOpen = null, CancellationToken cancellationToken = default)
    {
        JobGuards.Onward(dueAt, nextFire);
        JobGuards.Runner(runner);
        return WriteAsync(session => _runs.Claim(session, jobId, dueAt, nextFire, runner, mostOpen), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> RecordAsync(
        string jobId, IReadOnlyList<DateTimeOffset> dueAt, DateTimeOffset? nextFire, RunStatus status, string? reason, CancellationToken cancellationToken = default)
    {
        JobGuards.Recorded(dueAt, nextFire, status);
        return WriteAsync(session => _runs.Record(session, jobId, dueAt, nextFire, status, reason), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Run?> RunNowAsync(string jobId, string runner, CancellationToken cancellationToken = default)
    {
        JobGuards.Runner(runner);
        return WriteAsync(session => _runs.RunNow(session, jobId, runner), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Run> StartAsync(string runId, long fence, string turnId, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _runs.Start(session, runId, fence, turnId), Durability.Process, cancellationToken);

    /// <inheritdoc/>
    public Task<FinishedRun> FinishAsync(
        string runId, long fence, RunStatus status, string? error = null, DateTimeOffset? retryAt = null, string? reason = null, CancellationToken cancellationToken = default)
    {
        JobGuards.End(status, retryAt);
        return WriteAsync(session => _runs.Finish(session, runId, fence, status, error, retryAt, reason), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Run?> ClaimRetryAsync(string runId, string runner, CancellationToken cancellationToken = default)
    {
        JobGuards.Runner(runner);
        return WriteAsync(session => _runs.ClaimRetry(session, runId, runner), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Run>> UnfinishedRunsAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<Run>>(
            session => JobRows.Runs(session, "INDEXED BY runs_open WHERE finished_at IS NULL ORDER BY claimed_at"), cancellationToken);

    /// <inheritdoc/>
    public Task<Run?> TakeOverAsync(string runId, long fence, string runner, CancellationToken cancellationToken = default)
    {
        JobGuards.Runner(runner);
        return WriteAsync(session => _runs.TakeOver(session, runId, fence, runner), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> ReleaseAsync(string runId, long fence, CancellationToken cancellationToken = default) => _database.WriteAsync(
        session => session.Execute("UPDATE runs SET runner = NULL WHERE id = ?1 AND fence = ?2 AND finished_at IS NULL", runId, fence) == 1, Durability.Process, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> BringForwardAsync(string jobId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default) => WriteAsync(
        session => session.Execute(
            "UPDATE jobs SET next_fire = ?3 WHERE id = ?1 AND next_fire = ?2 AND next_fire > ?3", jobId, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds()) == 1,
        cancellationToken);

    /// <inheritdoc/>
    public Task<DateTimeOffset?> LastEndAsync(CancellationToken cancellationToken = default) => _database.ReadAsync<DateTimeOffset?>(
        session => session.Integer("SELECT MAX(finished_at) FROM runs INDEXED BY runs_ended WHERE finished_at IS NOT NULL AND not_before IS NULL") is { } last ? JobRows.Time(last) : null,
        cancellationToken);

    /// <inheritdoc/>
    public Task<long> PruneRunsAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => PruneAsync(RunWrites.Prune, before, cancellationToken);

    /// <inheritdoc/>
    public Task<long> PruneEndedAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => PruneAsync(JobWrites.PruneEnded, before, cancellationToken);

    /// <inheritdoc/>
    public Task<Job?> GetAsync(string jobId, CancellationToken cancellationToken = default) => _reads.GetAsync(jobId, cancellationToken);

    /// <inheritdoc/>
    public Task<JobPage> ListAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default) => _reads.ListAsync(limit, cursor, cancellationToken);

    /// <inheritdoc/>
    public Task<Run?> GetRunAsync(string runId, CancellationToken cancellationToken = default) => _reads.GetRunAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public Task<RunPage> RunsAsync(string jobId, int limit, string? cursor = null, CancellationToken cancellationToken = default) =>
        _reads.RunsAsync(jobId, limit, cursor, cancellationToken);

    /// <inheritdoc/>
    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken = default) => _reads.NextDueAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<long> CountAsync(CancellationToken cancellationToken = default) => _reads.CountAsync(cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>In small writes, so that others get in between.</summary>
    private async Task<long> PruneAsync(Func<SqliteSession, long, int, int> prune, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (all, some) = (0L, 0);
        do
        {
            some = await _database.WriteAsync(session => prune(session, before.ToUnixTimeMilliseconds(), PrunedAtOnce), Durability.Process, cancellationToken);
            all += some;
        }
        while (some == PrunedAtOnce);
        return all;
    }

    private Task<T> WriteAsync<T>(Func<SqliteSession, T> body, CancellationToken cancellationToken) =>
        _database.WriteAsync(body, Durability.Power, cancellationToken);
}
