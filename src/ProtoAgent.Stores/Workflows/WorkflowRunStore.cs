using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Workflows;

/// <summary>Runs of workflows and how far they are; see README.md for what holds when.</summary>
public sealed class WorkflowRunStore : IAsyncDisposable
{
    /// <summary>The most runs on a page, and gates in a list.</summary>
    public const int MaxPage = 500;

    private readonly SqliteDatabase _database;
    private readonly WorkflowWrites _writes;

    private WorkflowRunStore(SqliteDatabase database, TimeProvider time)
    {
        _database = database;
        _writes = new WorkflowWrites(time);
    }

    /// <inheritdoc cref="SqliteDatabase.Problem"/>
    public StoreException? Problem => _database.Problem;

    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<WorkflowRunStore> OpenAsync(InstancePaths paths, TimeProvider time, ILogger<WorkflowRunStore> logger) =>
        new(await SqliteDatabase.OpenAsync(paths, WorkflowSchema.Schema, logger), time);

    /// <summary>Answers when it is on the disk. Under a key that was used before it is that run, as it stands.</summary>
    public Task<(WorkflowRunDetails Run, bool Begun)> BeginAsync(NewWorkflowRun run, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _writes.Begin(session, run), Durability.Power, cancellationToken);

    /// <summary>Makes an open run the runner's, under a new fence. Null when it has ended, or somebody who lives works on it.</summary>
    /// <param name="isWorkedOn">Asked of a run that runs: whether its runner lives and works on it.</param>
    public Task<WorkflowRunDetails?> TakeOverAsync(string id, string runner, Func<WorkflowRun, bool> isWorkedOn, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _writes.TakeOver(session, id, runner, isWorkedOn), Durability.Process, cancellationToken);

    /// <summary>Lets a run that failed or was cancelled go on under the runner: what is done stays done. Null when it is no such run.</summary>
    public Task<WorkflowRunDetails?> ReopenAsync(string id, string runner, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _writes.Reopen(session, id, runner), Durability.Power, cancellationToken);

    /// <summary>Writes how a step stands, all of it; with the gate it waits at, if it comes to one.</summary>
    /// <exception cref="StaleRunException">The run is another's by now.</exception>
    public Task<WorkflowRun> SaveStepAsync(string runId, long fence, WorkflowStep step, NewGate? gate = null) =>
        _database.WriteAsync(session => _writes.SaveStep(session, runId, fence, step, gate), Durability.Process);

    /// <summary>Nobody works on the run from now on. Null when there is something to do after all: a gate was decided, or it is to be cancelled.</summary>
    /// <exception cref="StaleRunException">The run is another's by now.</exception>
    public Task<WorkflowRun?> ParkAsync(string runId, long fence) =>
        _database.WriteAsync(session => _writes.Park(session, runId, fence), Durability.Power);

    /// <exception cref="StaleRunException">The run is another's by now.</exception>
    public Task<WorkflowRun> FinishAsync(string runId, long fence, WorkflowStatus status, string? output, string? code = null, string? message = null) =>
        _database.WriteAsync(session => _writes.Finish(session, runId, fence, status, output, code, message), Durability.Power);

    /// <summary>Writes down that the run is to end. Null when there is none, or it has ended.</summary>
    public Task<WorkflowRun?> RequestCancelAsync(string id, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _writes.RequestCancel(session, id), Durability.Power, cancellationToken);

    /// <summary>The first decision stands. Null if there is no such gate.</summary>
    public Task<GateTaken?> DecideAsync(string gateId, GateDecision decision, string? answer, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _writes.Decide(session, gateId, decision, answer), Durability.Power, cancellationToken);

    public Task<WorkflowRunDetails?> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => WorkflowRows.Details(session, id), cancellationToken);

    /// <summary>The run that was begun under the key; null if none was.</summary>
    public Task<WorkflowRun?> FindByKeyAsync(string key, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => WorkflowRows.FindByKey(session, key), cancellationToken);

    /// <summary>Those that run or wait, oldest first. Costs by their number, not by the amount of stored data.</summary>
    public Task<IReadOnlyList<WorkflowRun>> OpenRunsAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<WorkflowRun>>(session => WorkflowRows.Runs(session, WorkflowRows.OpenRuns), cancellationToken);

    /// <summary>Gates nobody has decided, oldest first.</summary>
    /// <param name="limit">1 to 500.</param>
    public Task<IReadOnlyList<Gate>> OpenGatesAsync(int limit, CancellationToken cancellationToken = default)
    {
        GuardLimit(limit);
        return _database.ReadAsync<IReadOnlyList<Gate>>(session => WorkflowRows.Gates(session, WorkflowRows.OpenGates, limit), cancellationToken);
    }

    /// <summary>Newest first.</summary>
    /// <param name="workflow">Of that one alone; null for all.</param>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cursor">The <see cref="WorkflowRunPage.Next"/> of the page before; null for the first.</param>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    public Task<WorkflowRunPage> ListAsync(
        string? workflow, WorkflowStatus? status, int limit, string? cursor = null, CancellationToken cancellationToken = default)
    {
        GuardLimit(limit);
        var behind = cursor is null ? WorkflowCursor.Start : WorkflowCursor.Decode(cursor);
        return _database.ReadAsync(session => WorkflowRows.Page(session, workflow, status, limit, behind), cancellationToken);
    }

    /// <summary>Runs that ended before then, the oldest first; at most a page.</summary>
    public Task<IReadOnlyList<WorkflowRun>> EndedBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<WorkflowRun>>(
            session => WorkflowRows.Runs(
                session,
                $"SELECT {WorkflowRows.RunColumns} FROM runs INDEXED BY runs_ended WHERE finished_at IS NOT NULL AND finished_at < ?1 ORDER BY finished_at LIMIT ?2",
                before.ToUnixTimeMilliseconds(),
                MaxPage),
            cancellationToken);

    /// <summary>Forgets the run.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) => _database.WriteAsync(
        session =>
        {
            WorkflowWrites.Delete(session, id);
            return true;
        },
        Durability.Process,
        cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static void GuardLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
    }
}
