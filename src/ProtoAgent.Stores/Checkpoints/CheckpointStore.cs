using System.Globalization;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>Conversations in <c>checkpoints.db</c>.</summary>
public sealed class CheckpointStore : ICheckpointStore
{
    private const int LongestThreadId = 256;
    private const int MostListed = 500;

    private readonly SqliteDatabase _database;
    private readonly Func<string, bool> _isRunnerLive;
    private readonly TimeProvider _time;

    private CheckpointStore(SqliteDatabase database, Func<string, bool> isRunnerLive, TimeProvider time)
    {
        _database = database;
        _isRunnerLive = isRunnerLive;
        _time = time;
    }

    public StoreException? Problem => _database.Problem;

    /// <param name="isRunnerLive">Whether the process a turn names as its runner lives; the box registry knows.</param>
    /// <exception cref="StoreException">The file can't be opened; it is untouched.</exception>
    public static CheckpointStore Open(InstancePaths paths, Func<string, bool> isRunnerLive, TimeProvider time) =>
        new(SqliteDatabase.Open(paths, CheckpointSchema.Current), isRunnerLive, time);

    public Task<TurnStart> BeginTurnAsync(NewTurn turn, CancellationToken cancellationToken = default)
    {
        if (turn.ThreadId.Length is 0 or > LongestThreadId || turn.ThreadId.Any(char.IsControl))
        {
            throw new ArgumentException($"A thread id has 1 to {LongestThreadId} characters and no control characters.", nameof(turn));
        }

        return _database.WriteAsync<TurnStart>(
            session =>
            {
                var now = Now();
                var running = CheckpointRows.Running(session, turn.ThreadId);
                if (running is not null && _isRunnerLive(running.Runner))
                {
                    return new TurnStart.Busy(running);
                }

                var head = CheckpointRows.Thread(session, turn.ThreadId)?.Head ?? 0;
                if (running is not null)
                {
                    head = Interrupt(session, running, head, now);
                }

                CheckpointRows.InsertTurn(session, turn, now);
                return new TurnStart.Started(CheckpointRows.Append(session, turn.ThreadId, turn.TurnId, head, turn.Steps, now), running);
            },
            durable: false,
            cancellationToken);
    }

    public Task<long> AppendAsync(string turnId, long expectedHead, IReadOnlyList<NewStep> steps, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => Extend(session, turnId, expectedHead, steps), durable: false, cancellationToken);

    public Task<long> FinishTurnAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, TurnEnd end, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(
            session =>
            {
                var head = Extend(session, turnId, expectedHead, steps);
                CheckpointRows.EndTurn(session, turnId, end, Now());
                return head;
            },
            durable: true,
            cancellationToken);

    public Task<IReadOnlyList<TurnInfo>> InterruptDeadTurnsAsync(CancellationToken cancellationToken = default)
    {
        // Nothing unfinished is the rule, and then nothing is written.
        if (_database.Read(CheckpointRows.Running).Count == 0)
        {
            return Task.FromResult<IReadOnlyList<TurnInfo>>([]);
        }

        return _database.WriteAsync<IReadOnlyList<TurnInfo>>(
            session =>
            {
                var dead = CheckpointRows.Running(session).Where(t => !_isRunnerLive(t.Runner)).ToList();
                foreach (var turn in dead)
                {
                    Interrupt(session, turn, CheckpointRows.Thread(session, turn.ThreadId)?.Head ?? 0, Now());
                }

                return dead;
            },
            durable: true,
            cancellationToken);
    }

    public Task<ThreadInfo?> GetThreadAsync(string threadId, CancellationToken cancellationToken = default) =>
        Task.FromResult(_database.Read(s => CheckpointRows.Thread(s, threadId)));

    public Task<ThreadPage> ListThreadsAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MostListed);
        var (time, id) = cursor is null ? (long.MaxValue, "") : ReadCursor(cursor);
        var rows = _database.Read(s => CheckpointRows.Threads(s, limit + 1, time, id));
        var page = rows.Take(limit).ToList();
        return Task.FromResult(new ThreadPage(page, rows.Count > limit ? $"{page[^1].UpdatedAt.ToUnixTimeMilliseconds()}~{page[^1].Id}" : null));
    }

    public Task<IReadOnlyList<Step>> ReadStepsAsync(
        string threadId, long afterSeq = 0, int limit = int.MaxValue, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<Step>>(_database.Read(s => CheckpointRows.Steps(s, threadId, afterSeq, limit)));

    public Task<TurnInfo?> GetTurnAsync(string turnId, CancellationToken cancellationToken = default) =>
        Task.FromResult(_database.Read(s => CheckpointRows.Turn(s, turnId)));

    public Task<bool> DeleteThreadAsync(string threadId, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(
            session => CheckpointRows.Running(session, threadId) is { } running && _isRunnerLive(running.Runner)
                ? throw new ThreadBusyException($"A turn is running on the thread '{threadId}' (since {running.StartedAt:u}). Wait for it, then delete.")
                : CheckpointRows.Delete(session, threadId),
            durable: true,
            cancellationToken);

    public Task<long> CountThreadsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(_database.Read(s => Convert.ToInt64(s.Scalar("SELECT count(*) FROM threads"), CultureInfo.InvariantCulture)));

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>The thread says that the turn was cut off, so that nobody reads a missing answer as silence.</summary>
    private static long Interrupt(SqliteSession session, TurnInfo turn, long head, long now)
    {
        CheckpointRows.EndTurn(session, turn.Id, new TurnEnd(TurnStatus.Interrupted, ErrorCode: "interrupted", ErrorMessage: "The process that ran this turn died."), now);
        return CheckpointRows.Append(session, turn.ThreadId, turn.Id, head, [InterruptedNote], now);
    }

    /// <summary>Shaped like the agent's own notes.</summary>
    private static NewStep InterruptedNote { get; } = new(StepKind.Note, """{"code":"interrupted","text":"The process that ran this turn died before it answered."}""");

    private long Extend(SqliteSession session, string turnId, long expectedHead, IReadOnlyList<NewStep> steps)
    {
        var turn = CheckpointRows.Turn(session, turnId);
        var head = turn is null ? 0 : CheckpointRows.Thread(session, turn.ThreadId)?.Head ?? 0;
        return turn is { Status: TurnStatus.Running } && head == expectedHead
            ? CheckpointRows.Append(session, turn.ThreadId, turnId, head, steps, Now())
            : throw new StaleStepException(
                turn is null ? $"The turn {turnId} is gone: its thread was deleted."
                : $"The turn {turnId} is {Names.Of(turn.Status)} and its thread '{turn.ThreadId}' is at step {head}, not {expectedHead}: another writer went on without it.");
    }

    private static (long Time, string Id) ReadCursor(string cursor) =>
        cursor.Split('~', 2) is [var time, var id] && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
            ? (parsed, id)
            : throw new ArgumentException("The cursor is not one this list gave. Leave it out for the first page.", nameof(cursor));

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
