using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Telemetry;

/// <summary>What turns took, in <c>telemetry.db</c>: a row a turn. A power cut may take the last rows.</summary>
public sealed class TelemetryStore : IAsyncDisposable
{
    /// <summary>The most turns on a page.</summary>
    public const int MaxPage = 500;

    /// <summary>Rows deleted in one write, so that a turn's own never waits long.</summary>
    private const int DeletedAtOnce = 2000;

    private const string Columns =
        "turn_id, thread_id, origin, model, status, error_code, started_at, duration_ms, first_token_ms, rounds, tool_calls, tool_errors, "
        + "input_tokens, output_tokens, cost_usd, fallbacks";

    private readonly SqliteDatabase _database;

    private TelemetryStore(SqliteDatabase database) => _database = database;

    /// <inheritdoc cref="SqliteDatabase.Problem"/>
    public StoreException? Problem => _database.Problem;

    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<TelemetryStore> OpenAsync(InstancePaths paths, ILogger<TelemetryStore> logger) =>
        new(await SqliteDatabase.OpenAsync(paths, TelemetrySchema.Schema, logger));

    /// <summary>A turn recorded before, one that was resumed, is replaced.</summary>
    /// <exception cref="StoreException">It is not written.</exception>
    public Task RecordAsync(TurnTelemetry turn, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(
            session => session.Execute(
                $"INSERT OR REPLACE INTO turns ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
                turn.TurnId,
                turn.ThreadId,
                turn.Origin,
                turn.Model,
                turn.Status,
                turn.ErrorCode,
                turn.StartedAt.ToUnixTimeMilliseconds(),
                Milliseconds(turn.Duration),
                turn.FirstToken is { } first ? Milliseconds(first) : default(long?),
                turn.Rounds,
                turn.ToolCalls,
                turn.ToolErrors,
                turn.InputTokens,
                turn.OutputTokens,
                turn.CostUsd is { } cost && double.IsFinite(cost) ? cost : default(SqliteValue),
                turn.Fallbacks),
            Durability.Process,
            cancellationToken);

    /// <summary>The latest started first.</summary>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cursor">The <see cref="TelemetryPage.Next"/> of the page before; null for the first.</param>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    public Task<TelemetryPage> RecentAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
        var behind = cursor is null ? TelemetryCursor.Start : TelemetryCursor.Decode(cursor);
        return _database.ReadAsync(session => Page(session, limit, behind), cancellationToken);
    }

    /// <param name="since">Turns started before are left out; null takes them all.</param>
    public Task<TelemetrySummary> SummaryAsync(DateTimeOffset? since = null, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => TelemetrySums.Read(session, since?.ToUnixTimeMilliseconds() ?? long.MinValue), cancellationToken);

    /// <summary>Forgets the turns started before. Other writes come in between.</summary>
    /// <returns>How many.</returns>
    public async Task<long> DeleteBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var (all, some) = (0L, 0);
        do
        {
            some = await _database.WriteAsync(
                session => session.Execute(
                    "DELETE FROM turns WHERE turn_id IN (SELECT turn_id FROM turns WHERE started_at < ?1 ORDER BY started_at LIMIT ?2)",
                    before.ToUnixTimeMilliseconds(),
                    DeletedAtOnce),
                Durability.Process,
                cancellationToken);
            all += some;
        }
        while (some == DeletedAtOnce);

        return all;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static long Milliseconds(TimeSpan time) => (long)Math.Round(time.TotalMilliseconds);

    private static TelemetryPage Page(SqliteSession session, int limit, TelemetryCursor behind)
    {
        var items = new List<TurnTelemetry>();
        using var rows = session.Query(
            $"SELECT {Columns} FROM turns WHERE (started_at, turn_id) < (?1, ?2) ORDER BY started_at DESC, turn_id DESC LIMIT ?3",
            behind.StartedAt,
            behind.TurnId,
            limit + 1);
        while (rows.Read())
        {
            if (items.Count == limit)
            {
                return new TelemetryPage(items, new TelemetryCursor(items[^1].StartedAt.ToUnixTimeMilliseconds(), items[^1].TurnId).Encode());
            }

            items.Add(Turn(rows));
        }

        return new TelemetryPage(items, null);
    }

    private static TurnTelemetry Turn(SqliteRows row) =>
        new(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.TextOrNull(5), DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(6)), TimeSpan.FromMilliseconds(row.Integer(7)))
        {
            FirstToken = row.IntegerOrNull(8) is { } first ? TimeSpan.FromMilliseconds(first) : null,
            Rounds = (int)row.Integer(9),
            ToolCalls = (int)row.Integer(10),
            ToolErrors = (int)row.Integer(11),
            InputTokens = row.IntegerOrNull(12),
            OutputTokens = row.IntegerOrNull(13),
            CostUsd = row.IsNull(14) ? null : row.Real(14),
            Fallbacks = (int)row.Integer(15),
        };
}
