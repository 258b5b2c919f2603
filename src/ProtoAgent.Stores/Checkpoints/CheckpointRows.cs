using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>Rows of <c>checkpoints.db</c> as records.</summary>
internal static class CheckpointRows
{
    public const string TurnColumns =
        "id, thread_id, status, runner, origin, model, started_at, finished_at, input_tokens, output_tokens, error_code, error_message, request, attended, attempts, worked_ms";

    public const string ThreadColumns = "id, created_at, updated_at, head, parent_id, parent_step";

    public const string StepColumns = "seq, turn_id, kind, at, content, through";

    public const string ApprovalColumns = "id, thread_id, turn_id, call_id, kind, tool, arguments, question, created_at, decision, answer, decided_at";

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
        row.TextOrNull(11))
    {
        Request = row.Text(12),
        Attended = row.Integer(13) != 0,
        Attempts = row.Integer(14),
        Worked = TimeSpan.FromMilliseconds(row.Integer(15)),
    };

    public static ThreadInfo Thread(SqliteRows row) =>
        new(row.Text(0), Time(row.Integer(1)), Time(row.Integer(2)), row.Integer(3), row.TextOrNull(4), row.IntegerOrNull(5));

    public static Step Step(SqliteRows row, string threadId) =>
        new(threadId, row.Integer(0), row.Text(1), StoredNames.Kind(row.Text(2)), Time(row.Integer(3)), row.Text(4), row.IntegerOrNull(5));

    public static Approval Approval(SqliteRows row) => new(
        row.Text(0),
        row.Text(1),
        row.Text(2),
        row.Text(3),
        StoredNames.KindOfApproval(row.Text(4)),
        row.Text(5),
        row.Text(6),
        row.TextOrNull(7),
        Time(row.Integer(8)),
        row.TextOrNull(9) is { } decision ? StoredNames.DecisionOf(decision) : null,
        row.TextOrNull(10),
        row.IntegerOrNull(11) is { } decided ? Time(decided) : null);

    /// <summary>The one turn, or null.</summary>
    /// <param name="where">Names one parameter, <c>?1</c>.</param>
    public static TurnInfo? FindTurn(SqliteSession session, string where, string value)
    {
        using var rows = session.Query($"SELECT {TurnColumns} FROM turns WHERE {where}", value);
        return rows.Read() ? Turn(rows) : null;
    }

    /// <summary>The turn that runs or waits on the thread.</summary>
    public static TurnInfo? OpenTurn(SqliteSession session, string threadId) => FindTurn(session, "thread_id = ?1 AND finished_at IS NULL", threadId);

    /// <summary>Costs by what is open, not by what is stored: the partial index holds nothing else.</summary>
    public static List<TurnInfo> OpenTurns(SqliteSession session)
    {
        var open = new List<TurnInfo>();
        using var rows = session.Query($"SELECT {TurnColumns} FROM turns INDEXED BY turns_open WHERE finished_at IS NULL");
        while (rows.Read())
        {
            open.Add(Turn(rows));
        }

        return open;
    }

    public static ThreadInfo? FindThread(SqliteSession session, string threadId)
    {
        using var rows = session.Query($"SELECT {ThreadColumns} FROM threads WHERE id = ?1", threadId);
        return rows.Read() ? Thread(rows) : null;
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
