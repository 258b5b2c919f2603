using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>What happens to whole threads, each inside the caller's transaction.</summary>
internal sealed class ThreadWrites(Func<string, bool> isRunnerLive, TimeProvider time)
{
    /// <exception cref="StaleStepException">There is no such step, or the new id is taken.</exception>
    public ThreadInfo? Fork(SqliteSession session, string threadId, string newId, long? step)
    {
        if (CheckpointRows.FindThread(session, threadId) is not { } thread)
        {
            return null;
        }

        var last = step ?? thread.Head;
        if (last < 1 || last > thread.Head)
        {
            throw new StaleStepException($"The thread '{threadId}' has the steps 1 to {thread.Head}; it can't be forked at {last}.");
        }

        if (CheckpointRows.FindThread(session, newId) is not null)
        {
            throw new StaleStepException($"There is a thread '{newId}' already. Fork under another id, or under none for a fresh one.");
        }

        session.Execute(
            "INSERT INTO threads (id, created_at, updated_at, head, parent_id, parent_step) VALUES (?1, ?2, ?2, ?3, ?4, ?3)", newId, Now(), last, threadId);
        session.Execute(
            """
            INSERT INTO steps (thread_id, seq, turn_id, kind, at, content, through)
              SELECT ?1, seq, turn_id, kind, at, content, through FROM steps WHERE thread_id = ?2 AND seq <= ?3
            """,
            newId,
            threadId,
            last);
        return CheckpointRows.FindThread(session, newId);
    }

    /// <exception cref="StaleStepException">There is no such step, or the thread is not where the caller thinks.</exception>
    /// <exception cref="ThreadBusyException">A turn runs or waits on it.</exception>
    public ThreadInfo? Rewind(SqliteSession session, string threadId, long step, long? expectedHead)
    {
        if (CheckpointRows.FindThread(session, threadId) is not { } thread)
        {
            return null;
        }

        if (expectedHead is { } expected && expected != thread.Head)
        {
            throw new StaleStepException($"The thread '{threadId}' is at step {thread.Head}, not {expected}: something was added. Read it again.");
        }

        if (step < 0 || step > thread.Head)
        {
            throw new StaleStepException($"The thread '{threadId}' has the steps 1 to {thread.Head}; it can't be rewound to {step}.");
        }

        if (CheckpointRows.OpenTurn(session, threadId) is { } open)
        {
            throw Busy(open, "rewind");
        }

        session.Execute("DELETE FROM steps WHERE thread_id = ?1 AND seq > ?2", threadId, step);
        session.Execute("UPDATE threads SET head = ?2, updated_at = ?3 WHERE id = ?1", threadId, step, Now());
        return CheckpointRows.FindThread(session, threadId);
    }

    /// <exception cref="ThreadBusyException">A live turn runs on it.</exception>
    public bool Delete(SqliteSession session, string threadId)
    {
        if (CheckpointRows.OpenTurn(session, threadId) is { Status: TurnStatus.Running } running && isRunnerLive(running.Runner))
        {
            throw Busy(running, "delete");
        }

        foreach (var turn in Texts(session, "SELECT id FROM turns WHERE thread_id = ?1", threadId))
        {
            session.Execute("DELETE FROM steering WHERE turn_id = ?1", turn);
            foreach (var child in Texts(session, "SELECT id FROM threads WHERE id > ?1 || '/' AND id < ?1 || '0'", ThreadIds.Task + turn))
            {
                Delete(session, child);
            }
        }

        session.Execute("DELETE FROM approvals WHERE thread_id = ?1", threadId);
        session.Execute("DELETE FROM steps WHERE thread_id = ?1", threadId);
        session.Execute("DELETE FROM turns WHERE thread_id = ?1", threadId);
        return session.Execute("DELETE FROM threads WHERE id = ?1", threadId) > 0;
    }

    /// <summary>At most <paramref name="limit"/> threads not touched since then, without those a turn runs or waits on.</summary>
    public int DeleteBefore(SqliteSession session, long before, int limit)
    {
        var old = Texts(
            session,
            $"""
            SELECT id FROM threads WHERE updated_at < ?1 AND NOT (id >= '{ThreadIds.Task}' AND id < '{ThreadIds.BehindTask}')
              AND NOT EXISTS (SELECT 1 FROM turns WHERE thread_id = threads.id AND finished_at IS NULL)
            ORDER BY updated_at LIMIT ?2
            """,
            before,
            limit);
        old.ForEach(id => Delete(session, id));
        return old.Count;
    }

    /// <summary>A look without the write lock: as a rule there is none.</summary>
    public static bool HasIncognito(SqliteSession session) =>
        session.Integer($"SELECT 1 FROM threads WHERE id >= '{ThreadIds.Incognito}' AND id < '{ThreadIds.BehindIncognito}' LIMIT 1") is not null;

    /// <summary>Incognito threads not touched since then, without those a turn runs or waits on.</summary>
    public int DeleteIncognito(SqliteSession session, long before)
    {
        var over = Texts(
            session,
            $"""
            SELECT id FROM threads WHERE id >= '{ThreadIds.Incognito}' AND id < '{ThreadIds.BehindIncognito}' AND updated_at <= ?1
              AND NOT EXISTS (SELECT 1 FROM turns WHERE thread_id = threads.id AND finished_at IS NULL)
            """,
            before);
        over.ForEach(id => Delete(session, id));
        return over.Count;
    }

    public static ThreadPage Page(SqliteSession session, int limit, ThreadCursor behind)
    {
        var items = new List<ThreadInfo>(limit);
        using var rows = session.Query(
            $"""
            SELECT {CheckpointRows.ThreadColumns} FROM threads
            WHERE (updated_at, id) < (?1, ?2) AND NOT (id >= '{ThreadIds.Task}' AND id < '{ThreadIds.BehindTask}')
              AND NOT (id >= '{ThreadIds.Incognito}' AND id < '{ThreadIds.BehindIncognito}')
            ORDER BY updated_at DESC, id DESC LIMIT ?3
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

    private static ThreadBusyException Busy(TurnInfo open, string what) => new(
        $"The thread '{open.ThreadId}' has a turn that {(open.Status == TurnStatus.Waiting ? "waits for a person" : "runs")}, '{open.Id}'. Cancel it or wait for its end, then {what} the thread.");

    private static List<string> Texts(SqliteSession session, string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var texts = new List<string>();
        using var rows = session.Query(sql, values);
        while (rows.Read())
        {
            texts.Add(rows.Text(0));
        }

        return texts;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
