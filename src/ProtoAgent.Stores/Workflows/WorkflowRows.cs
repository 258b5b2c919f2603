using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Workflows;

/// <summary>Rows of runs, steps and gates as records, and the questions that only read.</summary>
internal static class WorkflowRows
{
    public const string RunColumns =
        "id, workflow, recipe, inputs, origin, status, runner, fence, version, started_at, updated_at, finished_at, parent_turn, cancel_requested, output, error_code, error_message";

    public const string OpenRuns = $"SELECT {RunColumns} FROM runs INDEXED BY runs_open WHERE finished_at IS NULL ORDER BY started_at, id";

    public const string OpenGates =
        "SELECT g.id, g.run_id, r.workflow, g.step_id, g.question, g.prompt, g.created_at, g.decision, g.answer, g.decided_at "
        + "FROM gates g INDEXED BY gates_open JOIN runs r ON r.id = g.run_id WHERE g.decided_at IS NULL ORDER BY g.created_at, g.id LIMIT ?1";

    private const string StepColumns = "id, status, attempt, started_at, finished_at, not_before, output, external, error_code, error_message";

    private const string GateColumns = "g.id, g.run_id, r.workflow, g.step_id, g.question, g.prompt, g.created_at, g.decision, g.answer, g.decided_at";

    public static WorkflowRun? Find(SqliteSession session, string id) => Runs(session, $"SELECT {RunColumns} FROM runs WHERE id = ?1", id) is [var run] ? run : null;

    public static WorkflowRun? FindByKey(SqliteSession session, string key) =>
        Runs(session, $"SELECT {RunColumns} FROM runs WHERE key = ?1", key) is [var run] ? run : null;

    public static WorkflowRunDetails? Details(SqliteSession session, string id) =>
        Find(session, id) is { } run ? new WorkflowRunDetails(run, Steps(session, id), GatesOf(session, id)) : null;

    public static List<WorkflowRun> Runs(SqliteSession session, string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var runs = new List<WorkflowRun>();
        using var rows = session.Query(sql, values);
        while (rows.Read())
        {
            runs.Add(Run(rows));
        }

        return runs;
    }

    public static List<WorkflowStep> Steps(SqliteSession session, string runId)
    {
        var steps = new List<WorkflowStep>();
        using var rows = session.Query($"SELECT {StepColumns} FROM steps WHERE run_id = ?1 ORDER BY seq", runId);
        while (rows.Read())
        {
            steps.Add(new WorkflowStep(rows.Text(0), WorkflowNames.StepStatus(rows.Text(1)), rows.Integer(2))
            {
                StartedAt = Time(rows.IntegerOrNull(3)),
                FinishedAt = Time(rows.IntegerOrNull(4)),
                NotBefore = Time(rows.IntegerOrNull(5)),
                Output = rows.TextOrNull(6),
                External = rows.Integer(7) != 0,
                ErrorCode = rows.TextOrNull(8),
                ErrorMessage = rows.TextOrNull(9),
            });
        }

        return steps;
    }

    public static Gate? FindGate(SqliteSession session, string id) =>
        Gates(session, $"SELECT {GateColumns} FROM gates g JOIN runs r ON r.id = g.run_id WHERE g.id = ?1", id) is [var gate] ? gate : null;

    public static List<Gate> GatesOf(SqliteSession session, string runId) =>
        Gates(session, $"SELECT {GateColumns} FROM gates g JOIN runs r ON r.id = g.run_id WHERE g.run_id = ?1 ORDER BY g.created_at, g.id", runId);

    public static List<Gate> Gates(SqliteSession session, string sql, SqliteValue value)
    {
        var gates = new List<Gate>();
        using var rows = session.Query(sql, value);
        while (rows.Read())
        {
            gates.Add(new Gate(rows.Text(0), rows.Text(1), rows.Text(2), rows.Text(3), rows.Text(4), rows.Text(5), Time(rows.Integer(6))!.Value)
            {
                Decision = rows.TextOrNull(7) is { } decision ? WorkflowNames.Decision(decision) : null,
                Answer = rows.TextOrNull(8),
                DecidedAt = Time(rows.IntegerOrNull(9)),
            });
        }

        return gates;
    }

    /// <summary>Newest first.</summary>
    public static WorkflowRunPage Page(SqliteSession session, string? workflow, WorkflowStatus? status, int limit, WorkflowCursor behind)
    {
        var items = Runs(
            session,
            $"""
            SELECT {RunColumns} FROM runs INDEXED BY runs_by_start
            WHERE (started_at, id) < (?1, ?2) AND (?3 IS NULL OR workflow = ?3) AND (?4 IS NULL OR status = ?4)
            ORDER BY started_at DESC, id DESC LIMIT ?5
            """,
            behind.StartedAt,
            behind.Id,
            workflow,
            status is { } wanted ? WorkflowNames.Of(wanted) : null,
            limit + 1);
        if (items.Count <= limit)
        {
            return new WorkflowRunPage(items, null);
        }

        items.RemoveAt(limit);
        return new WorkflowRunPage(items, new WorkflowCursor(items[^1].StartedAt.ToUnixTimeMilliseconds(), items[^1].Id).Encode());
    }

    private static WorkflowRun Run(SqliteRows rows) => new(
        rows.Text(0), rows.Text(1), rows.Text(2), rows.Text(3), rows.Text(4), WorkflowNames.StoredStatus(rows.Text(5)), rows.Text(6), rows.Integer(7), rows.Integer(8),
        Time(rows.Integer(9))!.Value, Time(rows.Integer(10))!.Value, Time(rows.IntegerOrNull(11)))
    {
        ParentTurn = rows.TextOrNull(12),
        CancelRequested = rows.Integer(13) != 0,
        Output = rows.TextOrNull(14),
        ErrorCode = rows.TextOrNull(15),
        ErrorMessage = rows.TextOrNull(16),
    };

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } m ? DateTimeOffset.FromUnixTimeMilliseconds(m) : null;
}
