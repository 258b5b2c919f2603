using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.A2ATasks;

/// <summary>What happens to a task, each inside the caller's transaction.</summary>
internal sealed class A2ATaskWrites(TimeProvider time)
{
    public A2ATaskBegin Begin(SqliteSession session, NewA2ATask task, int mostOpen)
    {
        if (A2ATaskRows.FindByKey(session, task.First.Key) is { } known)
        {
            return new A2ATaskBegin.Known(known);
        }

        if (!task.HasEnded && A2ATaskRows.CountOpen(session) is var open && open >= mostOpen)
        {
            return new A2ATaskBegin.Full(open);
        }

        session.Execute(
            "INSERT INTO tasks (id, key, context_id, state, ended, prompt, created_at, status_at, status_message, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9)",
            task.Id,
            task.First.Key,
            task.ContextId,
            task.State,
            task.HasEnded ? 1 : 0,
            task.Prompt,
            Now(),
            task.StatusMessage,
            task.Metadata);
        Say(session, task.Id, task.First);
        return new A2ATaskBegin.Begun(A2ATaskRows.Find(session, task.Id, history: null)!);
    }

    /// <summary>Null when there is none, or it has ended: an end is final.</summary>
    public StoredA2ATask? Change(SqliteSession session, string id, A2ATaskStatusChange change)
    {
        var changed = session.Execute(
            """
            UPDATE tasks SET state = ?2, ended = ?3, status_message = ?4, artifacts = coalesce(?5, artifacts), status_at = max(status_at, ?6)
            WHERE id = ?1 AND ended = 0
            """,
            id,
            change.State,
            change.HasEnded ? 1 : 0,
            change.StatusMessage,
            change.Artifacts,
            Now());
        if (changed == 0)
        {
            return null;
        }

        foreach (var message in change.Messages)
        {
            Say(session, id, message);
        }

        return A2ATaskRows.Find(session, id, history: null);
    }

    /// <summary>False when it has ended, there is none, or it was said before.</summary>
    public static bool SayOnce(SqliteSession session, string id, TaskMessage message) =>
        session.Integer("SELECT 1 FROM tasks WHERE id = ?1 AND ended = 0", id) is not null && Say(session, id, message);

    public static int DeleteBefore(SqliteSession session, DateTimeOffset before, int most)
    {
        var ids = new List<string>();
        using (var rows = session.Query(
            "SELECT id FROM tasks INDEXED BY tasks_ended WHERE ended = 1 AND status_at < ?1 ORDER BY status_at LIMIT ?2", before.ToUnixTimeMilliseconds(), most))
        {
            while (rows.Read())
            {
                ids.Add(rows.Text(0));
            }
        }

        foreach (var id in ids)
        {
            session.Execute("DELETE FROM messages WHERE task_id = ?1", id);
            session.Execute("DELETE FROM tasks WHERE id = ?1", id);
        }

        return ids.Count;
    }

    private static bool Say(SqliteSession session, string id, TaskMessage message) => session.Execute(
        """
        INSERT INTO messages (task_id, seq, key, json)
        SELECT ?1, (SELECT coalesce(max(seq), 0) + 1 FROM messages WHERE task_id = ?1), ?2, ?3
        WHERE NOT EXISTS (SELECT 1 FROM messages WHERE task_id = ?1 AND key = ?2)
        """,
        id,
        message.Key,
        message.Json) == 1;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
