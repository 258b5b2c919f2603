using System.Text;
using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>Conversations in <c>checkpoints.db</c>; see README.md for what holds when.</summary>
public sealed class CheckpointStore : ICheckpointStore
{
    /// <summary>The longest thread id, in characters.</summary>
    public const int MaxThreadIdLength = 256;

    /// <summary>The most threads on a page.</summary>
    public const int MaxPage = 500;

    /// <summary>Shaped like the notes the agent writes itself.</summary>
    private static readonly NewStep s_interruptedNote = new(
        StepKind.Note, """{"text":"The process that ran this turn died before it answered.","code":"interrupted"}""");

    private readonly SqliteDatabase _database;
    private readonly Func<string, bool> _isRunnerLive;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private CheckpointStore(SqliteDatabase database, Func<string, bool> isRunnerLive, TimeProvider time, ILogger logger)
    {
        _database = database;
        _isRunnerLive = isRunnerLive;
        _time = time;
        _logger = logger;
    }

    /// <param name="isRunnerLive">Whether the process named by <see cref="NewTurn.Runner"/> lives. Asked only when a running turn is met.</param>
    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<CheckpointStore> OpenAsync(
        InstancePaths paths, Func<string, bool> isRunnerLive, TimeProvider time, ILogger logger) =>
        new(await SqliteDatabase.OpenAsync(paths, CheckpointSchema.Schema, logger), isRunnerLive, time, logger);

    /// <inheritdoc/>
    public async Task<TurnStart> BeginTurnAsync(NewTurn turn, CancellationToken cancellationToken = default)
    {
        Guard(turn);
        var start = await _database.WriteAsync(session => Begin(session, turn), Durability.Process, cancellationToken);
        if (start is TurnStart.Started { Interrupted: { } interrupted })
        {
            LogInterrupted(interrupted);
        }

        return start;
    }

    /// <inheritdoc/>
    public Task<long> AppendAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(
            session =>
            {
                var threadId = ThreadOfRunningTurn(session, turnId, expectedHead);
                return Append(session, threadId, turnId, expectedHead, steps, Now());
            },
            Durability.Process,
            cancellationToken);

    /// <inheritdoc/>
    public Task<long> FinishTurnAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, TurnEnd end, CancellationToken cancellationToken = default)
    {
        if (end.Status == TurnStatus.Running)
        {
            throw new ArgumentException("A turn can't end as running.", nameof(end));
        }

        return _database.WriteAsync(
            session =>
            {
                var threadId = ThreadOfRunningTurn(session, turnId, expectedHead);
                var now = Now();
                var head = Append(session, threadId, turnId, expectedHead, steps, now);
                End(session, turnId, end, now);
                return head;
            },
            Durability.Power,
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TurnInfo>> InterruptDeadTurnsAsync(CancellationToken cancellationToken = default)
    {
        // A look without the write lock: as a rule there is nothing to do.
        var running = await _database.ReadAsync(CheckpointRows.RunningTurns, cancellationToken);
        var dead = running.Where(t => !_isRunnerLive(t.Runner)).Select(t => t.Id).ToList();
        if (dead.Count == 0)
        {
            return [];
        }

        var interrupted = await _database.WriteAsync(
            session => dead.Select(id => Interrupt(session, id)).OfType<TurnInfo>().ToList(), Durability.Process, cancellationToken);
        interrupted.ForEach(LogInterrupted);
        return interrupted;
    }

    /// <inheritdoc/>
    public Task<ThreadInfo?> GetThreadAsync(string threadId, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(
            session =>
            {
                using var rows = session.Query($"SELECT {CheckpointRows.ThreadColumns} FROM threads WHERE id = ?1", threadId);
                return rows.Read() ? CheckpointRows.Thread(rows) : null;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<ThreadPage> ListThreadsAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
        var behind = cursor is null ? ThreadCursor.Start : ThreadCursor.Decode(cursor);
        return _database.ReadAsync(session => Page(session, limit, behind), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Step>> ReadStepsAsync(
        string threadId, long afterSeq = 0, int limit = int.MaxValue, CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<Step>>(
            session =>
            {
                var steps = new List<Step>();
                using var rows = session.Query(
                    "SELECT seq, turn_id, kind, at, content FROM steps WHERE thread_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
                    threadId,
                    afterSeq,
                    limit);
                while (rows.Read())
                {
                    var at = DateTimeOffset.FromUnixTimeMilliseconds(rows.Integer(3));
                    steps.Add(new Step(threadId, rows.Integer(0), rows.Text(1), StoredNames.Kind(rows.Text(2)), at, rows.Text(4)));
                }

                return steps;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<TurnInfo?> GetTurnAsync(string turnId, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => CheckpointRows.FindTurn(session, "id = ?1", turnId), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeleteThreadAsync(string threadId, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(
            session =>
            {
                if (RunningTurn(session, threadId) is { } running && _isRunnerLive(running.Runner))
                {
                    throw new ThreadBusyException($"The thread '{threadId}' has a running turn, '{running.Id}'. Cancel it or wait for its end, then delete the thread.");
                }

                session.Execute("DELETE FROM steps WHERE thread_id = ?1", threadId);
                session.Execute("DELETE FROM turns WHERE thread_id = ?1", threadId);
                return session.Execute("DELETE FROM threads WHERE id = ?1", threadId) > 0;
            },
            Durability.Power,
            cancellationToken);

    /// <inheritdoc/>
    public Task<long> CountThreadsAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => session.Integer("SELECT value FROM totals WHERE name = 'threads'") ?? 0, cancellationToken);

    /// <inheritdoc/>
    public StoreException? Problem => _database.Problem;

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static void Guard(NewTurn turn)
    {
        // A half of a surrogate pair would be stored as U+FFFD, and two ids could become one.
        var id = turn.ThreadId;
        if (id.Length is 0 or > MaxThreadIdLength || id.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar))
        {
            throw new ArgumentException(
                $"A thread id has 1 to {MaxThreadIdLength} characters, none of them a control character or half a character.", nameof(turn));
        }

        if (turn.TurnId.Length == 0 || turn.Runner.Length == 0)
        {
            throw new ArgumentException("A turn has an id and names the process that runs it.", nameof(turn));
        }
    }

    private static TurnInfo? RunningTurn(SqliteSession session, string threadId) =>
        CheckpointRows.FindTurn(session, "thread_id = ?1 AND status = 'running'", threadId);

    private static string ThreadOfRunningTurn(SqliteSession session, string turnId, long expectedHead)
    {
        using var rows = session.Query(
            "SELECT t.thread_id, t.status, h.head FROM turns t JOIN threads h ON h.id = t.thread_id WHERE t.id = ?1", turnId);
        if (!rows.Read())
        {
            throw new StaleStepException($"The turn '{turnId}' is not in the store: its thread was deleted.");
        }

        if (rows.Text(1) is var status && status != StoredNames.Of(TurnStatus.Running))
        {
            throw new StaleStepException($"The turn '{turnId}' does not run any more: it is {status}.");
        }

        return rows.Integer(2) is var head && head == expectedHead
            ? rows.Text(0)
            : throw new StaleStepException($"The turn '{turnId}' extends step {expectedHead}, but its thread is at step {head}.");
    }

    private static long Append(
        SqliteSession session, string threadId, string turnId, long head, IReadOnlyList<NewStep> steps, long now)
    {
        foreach (var step in steps)
        {
            session.Execute(
                "INSERT INTO steps (thread_id, seq, turn_id, kind, at, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                threadId,
                ++head,
                turnId,
                StoredNames.Of(step.Kind),
                now,
                step.Content);
        }

        session.Execute("UPDATE threads SET head = ?2, updated_at = ?3 WHERE id = ?1", threadId, head, now);
        return head;
    }

    private static void End(SqliteSession session, string turnId, TurnEnd end, long now) =>
        session.Execute(
            "UPDATE turns SET status = ?2, finished_at = ?3, input_tokens = ?4, output_tokens = ?5, error_code = ?6, error_message = ?7 WHERE id = ?1",
            turnId,
            StoredNames.Of(end.Status),
            now,
            end.InputTokens,
            end.OutputTokens,
            end.ErrorCode,
            end.ErrorMessage);

    private static ThreadPage Page(SqliteSession session, int limit, ThreadCursor behind)
    {
        var items = new List<ThreadInfo>(limit);
        using var rows = session.Query(
            $"""
            SELECT {CheckpointRows.ThreadColumns} FROM threads
            WHERE (updated_at, id) < (?1, ?2) ORDER BY updated_at DESC, id DESC LIMIT ?3
            """,
            behind.UpdatedAt,
            behind.Id,
            limit + 1);
        while (rows.Read())
        {
            if (items.Count == limit)
            {
                var last = items[^1];
                return new ThreadPage(items, new ThreadCursor(last.UpdatedAt.ToUnixTimeMilliseconds(), last.Id).Encode());
            }

            items.Add(CheckpointRows.Thread(rows));
        }

        return new ThreadPage(items, null);
    }

    private TurnStart Begin(SqliteSession session, NewTurn turn)
    {
        TurnInfo? interrupted = null;
        if (RunningTurn(session, turn.ThreadId) is { } running)
        {
            // Who asks lives; the registry need not be asked about that.
            if (running.Runner == turn.Runner || _isRunnerLive(running.Runner))
            {
                return new TurnStart.Busy(running);
            }

            interrupted = Interrupt(session, running.Id);
        }

        var now = Now();
        session.Execute(
            "INSERT INTO threads (id, created_at, updated_at, head) VALUES (?1, ?2, ?2, 0) ON CONFLICT (id) DO NOTHING", turn.ThreadId, now);
        session.Execute(
            "INSERT INTO turns (id, thread_id, status, runner, origin, model, started_at) VALUES (?1, ?2, 'running', ?3, ?4, ?5, ?6)",
            turn.TurnId,
            turn.ThreadId,
            turn.Runner,
            turn.Origin,
            turn.Model,
            now);
        var head = session.Integer("SELECT head FROM threads WHERE id = ?1", turn.ThreadId)!.Value;
        return new TurnStart.Started(Append(session, turn.ThreadId, turn.TurnId, head, turn.Steps, now), interrupted);
    }

    /// <summary>
    /// The turn as it now is; null if it has ended by itself meanwhile. The thread says that it was cut off, so that nobody
    /// reads a missing answer as silence.
    /// </summary>
    private TurnInfo? Interrupt(SqliteSession session, string turnId)
    {
        var now = Now();
        if (CheckpointRows.FindTurn(session, "id = ?1 AND status = 'running'", turnId) is not { } running)
        {
            return null;
        }

        End(session, turnId, new TurnEnd(TurnStatus.Interrupted, ErrorCode: "interrupted", ErrorMessage: "The process that ran this turn died."), now);
        var head = session.Integer("SELECT head FROM threads WHERE id = ?1", running.ThreadId)!.Value;
        Append(session, running.ThreadId, turnId, head, [s_interruptedNote], now);
        return CheckpointRows.FindTurn(session, "id = ?1", turnId);
    }

    private void LogInterrupted(TurnInfo turn) => _logger.LogWarning(
        "The turn {Turn} of thread {Thread} is interrupted: the process that ran it ({Runner}) is dead.", turn.Id, turn.ThreadId, turn.Runner);

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
