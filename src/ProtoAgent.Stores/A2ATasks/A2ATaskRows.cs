using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.A2ATasks;

/// <summary>Rows as records, and the questions that only read.</summary>
internal static class A2ATaskRows
{
    private const string Columns = "id, context_id, state, ended, prompt, created_at, status_at, status_message, artifacts, metadata";

    /// <param name="history">The most messages, the latest; null for all.</param>
    public static StoredA2ATask? Find(SqliteSession session, string id, int? history) =>
        Tasks(session, $"SELECT {Columns} FROM tasks WHERE id = ?1", id) is [var task] ? WithMessages(session, task, history) : null;

    public static StoredA2ATask? FindByKey(SqliteSession session, string key) =>
        Tasks(session, $"SELECT {Columns} FROM tasks WHERE key = ?1", key) is [var task] ? WithMessages(session, task, history: null) : null;

    public static IReadOnlyList<string> OpenIds(SqliteSession session)
    {
        var ids = new List<string>();
        using var rows = session.Query("SELECT id FROM tasks INDEXED BY tasks_open WHERE ended = 0 ORDER BY created_at, id");
        while (rows.Read())
        {
            ids.Add(rows.Text(0));
        }

        return ids;
    }

    public static long CountOpen(SqliteSession session) => session.Integer("SELECT count(*) FROM tasks INDEXED BY tasks_open WHERE ended = 0") ?? 0;

    /// <summary>The one that moved last first.</summary>
    public static A2ATaskPage Page(SqliteSession session, A2ATaskFilter filter, int limit, A2ATaskCursor behind, int? history)
    {
        var since = filter.Since?.ToUnixTimeMilliseconds();

        // Only what is asked for: a condition that may be none keeps SQLite from the index that has the rest in order.
        var where = string.Concat(
            filter.ContextId is null ? "" : "context_id = ?1 AND ", filter.State is null ? "" : "state = ?2 AND ", since is null ? "" : "status_at >= ?3 AND ");
        var items = Tasks(
            session,
            $"SELECT {Columns} FROM tasks WHERE {where} (status_at, id) < (?4, ?5) ORDER BY status_at DESC, id DESC LIMIT ?6",
            filter.ContextId,
            filter.State,
            since,
            behind.StatusAt,
            behind.Id,
            limit + 1);
        var total = session.Integer($"SELECT count(*) FROM tasks WHERE {where} ?4", filter.ContextId, filter.State, since, 1) ?? 0;
        var next = items.Count > limit ? new A2ATaskCursor(items[limit - 1].StatusAt.ToUnixTimeMilliseconds(), items[limit - 1].Id).Encode() : null;
        return new A2ATaskPage([.. items.Take(limit).Select(t => WithMessages(session, t, history))], next, total);
    }

    private static StoredA2ATask WithMessages(SqliteSession session, StoredA2ATask task, int? history)
    {
        var messages = new List<string>();
        using var rows = session.Query("SELECT json FROM messages WHERE task_id = ?1 ORDER BY seq DESC LIMIT ?2", task.Id, history ?? -1);
        while (rows.Read())
        {
            messages.Add(rows.Text(0));
        }

        messages.Reverse();
        return task with { Messages = messages };
    }

    private static List<StoredA2ATask> Tasks(SqliteSession session, string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var tasks = new List<StoredA2ATask>();
        using var rows = session.Query(sql, values);
        while (rows.Read())
        {
            tasks.Add(new StoredA2ATask(
                rows.Text(0), rows.Text(1), rows.Text(2), rows.Integer(3) != 0, rows.Text(4),
                DateTimeOffset.FromUnixTimeMilliseconds(rows.Integer(5)), DateTimeOffset.FromUnixTimeMilliseconds(rows.Integer(6)))
            {
                StatusMessage = rows.TextOrNull(7),
                Artifacts = rows.TextOrNull(8),
                Metadata = rows.TextOrNull(9),
            });
        }

        return tasks;
    }
}
