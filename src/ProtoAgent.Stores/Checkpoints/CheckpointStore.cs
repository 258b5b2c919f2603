using System.Text;
using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>Conversations in <c>checkpoints.db</c>; see README.md for what holds when.</summary>
public sealed partial class CheckpointStore : ICheckpointStore
{
    /// <summary>The longest thread id, in characters.</summary>
    public const int MaxThreadIdLength = 256;

    /// <summary>The most items on a page.</summary>
    public const int MaxPage = 500;

    /// <summary>Threads deleted in one transaction, so that others get their turn.</summary>
    private const int DeletedAtOnce = 50;

    private readonly SqliteDatabase _database;
    private readonly Func<string, bool> _isRunnerLive;
    private readonly TurnWrites _turns;
    private readonly ThreadWrites _threads;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private CheckpointStore(SqliteDatabase database, Func<string, bool> isRunnerLive, TimeProvider time, ILogger logger)
    {
        _database = database;
        _isRunnerLive = isRunnerLive;
        _turns = new TurnWrites(isRunnerLive, time);
        _threads = new ThreadWrites(isRunnerLive, time);
        _time = time;
        _logger = logger;
    }

    /// <param name="isRunnerLive">Whether the process named by <see cref="NewTurn.Runner"/> lives. Asked only when a running turn is met.</param>
    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<CheckpointStore> OpenAsync(
        InstancePaths paths, Func<string, bool> isRunnerLive, TimeProvider time, ILogger logger) =>
        new(await SqliteDatabase.OpenAsync(paths, CheckpointSchema.Schema, logger), isRunnerLive, time, logger);

    /// <inheritdoc/>
    public StoreException? Problem => _database.Problem;

    /// <inheritdoc/>
    public Task<TurnStart> BeginTurnAsync(NewTurn turn, CancellationToken cancellationToken = default)
    {
        GuardThreadId(turn.ThreadId);
        if (turn.TurnId.Length == 0 || turn.Runner.Length == 0)
        {
            throw new ArgumentException("A turn has an id and names the process that runs it.", nameof(turn));
        }

        return _database.WriteAsync(session => _turns.Begin(session, turn), Durability.Process, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> AppendAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _turns.Append(session, turnId, expectedHead, steps), Durability.Process, cancellationToken);

    /// <inheritdoc/>
    public Task<TurnFinish> FinishTurnAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, TurnEnd end, CancellationToken cancellationToken = default)
    {
        GuardEnd(end);
        return _database.WriteAsync(session => _turns.Finish(session, turnId, expectedHead, steps, end), Durability.Power, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> ParkTurnAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, IReadOnlyList<NewApproval> approvals, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _turns.Park(session, turnId, expectedHead, steps, approvals), Durability.Power, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TurnInfo>> UnfinishedTurnsAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<TurnInfo>>(
            session =>
            [
                .. CheckpointRows.OpenTurns(session)
                    .Where(t => t.Status == TurnStatus.Waiting ? TurnWrites.IsFree(session, t.Id) : !_isRunnerLive(t.Runner))
                    .OrderBy(t => t.StartedAt),
            ],
            cancellationToken);

    /// <inheritdoc/>
    public Task<TakenTurn?> TakeOverTurnAsync(string turnId, string runner, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _turns.TakeOver(session, turnId, runner), Durability.Process, cancellationToken);

    /// <inheritdoc/>
    public Task ReleaseTurnAsync(string turnId, string runner, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => TurnWrites.Release(session, turnId, runner), Durability.Process, cancellationToken);

    /// <inheritdoc/>
    public async Task<TurnInfo?> InterruptTurnAsync(string turnId, CancellationToken cancellationToken = default)
    {
        var interrupted = await _database.WriteAsync(session => _turns.Interrupt(session, turnId), Durability.Process, cancellationToken);
        if (interrupted is not null)
        {
            LogInterrupted(_logger, interrupted.Id, interrupted.ThreadId, interrupted.Runner);
        }

        return interrupted;
    }

    /// <inheritdoc/>
    public Task<TurnInfo?> CancelWaitingTurnAsync(string turnId, NewStep note, TurnEnd end, CancellationToken cancellationToken = default)
    {
        GuardEnd(end);
        return _database.WriteAsync(session => _turns.CancelWaiting(session, turnId, note, end), Durability.Power, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> SteerAsync(string threadId, string content, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => TurnWrites.Steer(session, threadId, content), Durability.Process, cancellationToken);

    /// <inheritdoc/>
    public async Task<long> TakeSteeringAsync(string turnId, long expectedHead, CancellationToken cancellationToken = default)
    {
        // A look without the write lock: as a rule nothing was said.
        var said = await _database.ReadAsync(
            session => session.Integer("SELECT 1 FROM steering WHERE turn_id = ?1 LIMIT 1", turnId) is not null, cancellationToken);
        return said
            ? await _database.WriteAsync(session => _turns.TakeSteering(session, turnId, expectedHead), Durability.Process, cancellationToken)
            : expectedHead;
    }

    /// <inheritdoc/>
    public Task<TurnInfo?> GetTurnAsync(string turnId, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => CheckpointRows.FindTurn(session, "id = ?1", turnId), cancellationToken);

    /// <inheritdoc/>
    public Task<TurnInfo?> GetOpenTurnAsync(string threadId, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => CheckpointRows.OpenTurn(session, threadId), cancellationToken);

    /// <inheritdoc/>
    public Task<ThreadInfo?> GetThreadAsync(string threadId, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => CheckpointRows.FindThread(session, threadId), cancellationToken);

    /// <inheritdoc/>
    public Task<ThreadPage> ListThreadsAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default)
    {
        GuardLimit(limit);
        var behind = cursor is null ? ThreadCursor.Start : ThreadCursor.Decode(cursor);
        return _database.ReadAsync(session => ThreadWrites.Page(session, limit, behind), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Step>> ReadStepsAsync(
        string threadId, long afterSeq = 0, int limit = int.MaxValue, CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<Step>>(session => Steps(session, threadId, afterSeq, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Step>> ReadContextAsync(string threadId, CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<Step>>(
            session =>
            {
                var last = session.Integer("SELECT MAX(seq) FROM steps INDEXED BY steps_summaries WHERE thread_id = ?1 AND through IS NOT NULL", threadId);
                if (last is null)
                {
                    return Steps(session, threadId, 0, int.MaxValue);
                }

                var summary = Steps(session, threadId, last.Value - 1, 1)[0];
                return [summary, .. Steps(session, threadId, summary.Through!.Value, int.MaxValue).Where(s => s.Kind != StepKind.Summary)];
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<ThreadInfo?> ForkThreadAsync(string threadId, string newId, long? step, CancellationToken cancellationToken = default)
    {
        GuardThreadId(newId);
        return _database.WriteAsync(session => _threads.Fork(session, threadId, newId, step), Durability.Power, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ThreadInfo?> RewindThreadAsync(string threadId, long step, long? expectedHead = null, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _threads.Rewind(session, threadId, step, expectedHead), Durability.Power, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteThreadAsync(string threadId, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _threads.Delete(session, threadId), Durability.Power, cancellationToken);

    /// <inheritdoc/>
    public async Task<long> DeleteThreadsBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var all = 0L;
        int some;
        do
        {
            some = await _database.WriteAsync(
                session => _threads.DeleteBefore(session, before.ToUnixTimeMilliseconds(), DeletedAtOnce), Durability.Process, cancellationToken);
            all += some;
        }
        while (some == DeletedAtOnce);
        return all;
    }

    /// <inheritdoc/>
    public async Task<int> DeleteIncognitoThreadsAsync(DateTimeOffset before, CancellationToken cancellationToken = default) =>
        await _database.ReadAsync(ThreadWrites.HasIncognito, cancellationToken)
            ? await _database.WriteAsync(session => _threads.DeleteIncognito(session, before.ToUnixTimeMilliseconds()), Durability.Power, cancellationToken)
            : 0;

    /// <inheritdoc/>
    public Task<long> CountThreadsAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => session.Integer("SELECT value FROM totals WHERE name = 'threads'") ?? 0, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Approval>> ListApprovalsAsync(int limit, CancellationToken cancellationToken = default)
    {
        GuardLimit(limit);
        return _database.ReadAsync<IReadOnlyList<Approval>>(session => ApprovalWrites.Open(session, limit), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Approval>> ApprovalsOfTurnAsync(string turnId, CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<Approval>>(session => ApprovalWrites.Of(session, turnId), cancellationToken);

    /// <inheritdoc/>
    public Task<DecisionTaken?> DecideApprovalAsync(string id, Decision decision, string? answer, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(
            session => ApprovalWrites.Decide(session, id, decision, answer, _time.GetUtcNow().ToUnixTimeMilliseconds()), Durability.Power, cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static List<Step> Steps(SqliteSession session, string threadId, long afterSeq, int limit)
    {
        var steps = new List<Step>();
        using var rows = session.Query(
            $"SELECT {CheckpointRows.StepColumns} FROM steps WHERE thread_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3", threadId, afterSeq, limit);
        while (rows.Read())
        {
            steps.Add(CheckpointRows.Step(rows, threadId));
        }

        return steps;
    }

    private static void GuardThreadId(string id)
    {
        // A half of a surrogate pair would be stored as U+FFFD, and two ids could become one.
        if (id.Length is 0 or > MaxThreadIdLength || id.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar))
        {
            throw new ArgumentException(
                $"A thread id has 1 to {MaxThreadIdLength} characters, none of them a control character or half a character.", nameof(id));
        }
    }

    private static void GuardLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
    }

    private static void GuardEnd(TurnEnd end)
    {
        if (end.Status is TurnStatus.Running or TurnStatus.Waiting)
        {
            throw new ArgumentException($"A turn can't end as {StoredNames.Of(end.Status)}.", nameof(end));
        }
    }

    [LoggerMessage(EventName = "turn_interrupted", Level = LogLevel.Warning, Message = "the turn {Turn} of thread {Thread} is interrupted: the process that ran it ({Runner}) is dead")]
    private static partial void LogInterrupted(ILogger log, string turn, string thread, string runner);
}
