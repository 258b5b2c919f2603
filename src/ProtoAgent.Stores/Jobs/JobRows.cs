using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Jobs;

/// <summary>Rows of <c>jobs.db</c> as records.</summary>
internal static class JobRows
{
    public const string JobColumns =
        "id, prompt, schedule, timezone, session_id, policy, anchor, created_at, updated_at, version, state, reason, next_fire, last_fire, last_status, runs, failures";

    public const string RunColumns =
        "id, job_id, due_at, status, reason, fence, runner, turn_id, attempt, claimed_at, started_at, finished_at, not_before, error, job_deleted, crashes";

    public static Job Job(SqliteRows row) => new()
    {
        Id = row.Text(0),
        Prompt = row.Text(1),
        Schedule = row.Text(2),
        Timezone = row.Text(3),
        SessionId = row.TextOrNull(4),
        Policy = StoredPolicy.Read(row.Text(5)),
        Anchor = Time(row.Integer(6)),
        CreatedAt = Time(row.Integer(7)),
        UpdatedAt = Time(row.Integer(8)),
        Version = row.Integer(9),
        State = JobNames.State(row.Text(10)),
        PausedReason = row.TextOrNull(11),
        NextFire = TimeOrNull(row, 12),
        LastFire = TimeOrNull(row, 13),
        LastStatus = row.TextOrNull(14) is { } status ? JobNames.Status(status) : null,
        Runs = row.Integer(15),
        ConsecutiveFailures = (int)row.Integer(16),
    };

    public static Run Run(SqliteRows row) => new()
    {
        Id = row.Text(0),
        JobId = row.Text(1),
        DueAt = Time(row.Integer(2)),
        Status = JobNames.Status(row.Text(3)),
        Reason = row.TextOrNull(4),
        Fence = row.Integer(5),
        Runner = row.TextOrNull(6),
        TurnId = row.TextOrNull(7),
        Attempt = (int)row.Integer(8),
        ClaimedAt = TimeOrNull(row, 9),
        StartedAt = TimeOrNull(row, 10),
        FinishedAt = TimeOrNull(row, 11),
        NotBefore = TimeOrNull(row, 12),
        Error = row.TextOrNull(13),
        JobDeleted = row.Integer(14) != 0,
        Crashes = (int)row.Integer(15),
    };

    public static Job? FindJob(SqliteSession session, string id)
    {
        using var rows = session.Query($"SELECT {JobColumns} FROM jobs WHERE id = ?1", id);
        return rows.Read() ? Job(rows) : null;
    }

    public static Run? FindRun(SqliteSession session, string id)
    {
        using var rows = session.Query($"SELECT {RunColumns} FROM runs WHERE id = ?1", id);
        return rows.Read() ? Run(rows) : null;
    }

    public static Run? FindRun(SqliteSession session, string jobId, DateTimeOffset due)
    {
        using var rows = session.Query($"SELECT {RunColumns} FROM runs WHERE job_id = ?1 AND due_at = ?2", jobId, due.ToUnixTimeMilliseconds());
        return rows.Read() ? Run(rows) : null;
    }

    /// <param name="sql">What stands behind <c>SELECT columns FROM jobs</c>.</param>
    public static List<Job> Jobs(SqliteSession session, string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var jobs = new List<Job>();
        using var rows = session.Query($"SELECT {JobColumns} FROM jobs {sql}", values);
        while (rows.Read())
        {
            jobs.Add(Job(rows));
        }

        return jobs;
    }

    /// <param name="sql">What stands behind <c>SELECT columns FROM runs</c>.</param>
    public static List<Run> Runs(SqliteSession session, string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var runs = new List<Run>();
        using var rows = session.Query($"SELECT {RunColumns} FROM runs {sql}", values);
        while (rows.Read())
        {
            runs.Add(Run(rows));
        }

        return runs;
    }

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static DateTimeOffset? TimeOrNull(SqliteRows row, int column) => row.IntegerOrNull(column) is { } milliseconds ? Time(milliseconds) : null;
}
