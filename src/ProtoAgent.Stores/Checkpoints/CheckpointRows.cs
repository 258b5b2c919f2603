using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>Rows of <c>checkpoints.db</c> as records.</summary>
internal static class CheckpointRows
{
    public const string TurnColumns =
        "id, thread_id, status, runner, origin, model, started_at, finished_at, input_tokens, output_tokens, error_code, error_message";

    public const string ThreadColumns = "id, created_at, updated_at, head";

    public static TurnInfo Turn(SqliteRows row) => new(
        row.Text(0),
        row.Text(1),
        StoredNames.Status(row.Text(2)),
        row.Text(3),
        row.Text(4),
        row.Text(5),
        Time(row.Integer(6)),
        row.IntegerOrNull(7) is { } finished ? Time(finished) : null,
        row.IntegerOrNull(8),
        row.IntegerOrNull(9),
        row.TextOrNull(10),
        row.TextOrNull(11));

    public static ThreadInfo Thread(SqliteRows row) => new(row.Text(0), Time(row.Integer(1)), Time(row.Integer(2)), row.Integer(3));

    /// <summary>The one turn, or null.</summary>
    /// <param name="where">Names one parameter, <c>?1</c>.</param>
    public static TurnInfo? FindTurn(SqliteSession session, string where, string value)
    {
        using var rows = session.Query($"SELECT {TurnColumns} FROM turns WHERE {where}", value);
        return rows.Read() ? Turn(rows) : null;
    }

    /// <summary>Costs by what runs, not by what is stored: the partial index holds nothing else.</summary>
    public static List<TurnInfo> RunningTurns(SqliteSession session)
    {
        var running = new List<TurnInfo>();
        using var rows = session.Query($"SELECT {TurnColumns} FROM turns INDEXED BY turns_running WHERE status = 'running'");
        while (rows.Read())
        {
            running.Add(Turn(rows));
        }

        return running;
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
