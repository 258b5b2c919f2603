using Microsoft.Data.Sqlite;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>The statements of the store, each on a session whose transaction is the caller's.</summary>
internal static class CheckpointRows
{
    private const string TurnColumns =
        "id, thread_id, status, runner, origin, model, started_at, finished_at, input_tokens, output_tokens, error_code, error_message";

    public static ThreadInfo? Thread(SqliteSession session, string id) =>
        session.Query("SELECT id, created_at, updated_at, head FROM threads WHERE id = $id", ReadThread, ("$id", id)).FirstOrDefault();

    public static List<ThreadInfo> Threads(SqliteSession session, int limit, long beforeTime, string beforeId) =>
        session.Query(
            "SELECT id, created_at, updated_at, head FROM threads WHERE (updated_at, id) < ($time, $id) ORDER BY updated_at DESC, id DESC LIMIT $limit",
            ReadThread, ("$time", beforeTime), ("$id", beforeId), ("$limit", limit));

    public static TurnInfo? Turn(SqliteSession session, string id) =>
        session.Query($"SELECT {TurnColumns} FROM turns WHERE id = $id", ReadTurn, ("$id", id)).FirstOrDefault();

    public static TurnInfo? Running(SqliteSession session, string threadId) =>
        session.Query($"SELECT {TurnColumns} FROM turns WHERE thread_id = $thread AND status = 'running'", ReadTurn, ("$thread", threadId)).FirstOrDefault();

    public static List<TurnInfo> Running(SqliteSession session) =>
        session.Query($"SELECT {TurnColumns} FROM turns INDEXED BY running_turns WHERE status = 'running'", ReadTurn);

    public static List<Step> Steps(SqliteSession session, string threadId, long afterSeq, int limit) =>
        session.Query(
            "SELECT thread_id, seq, turn_id, kind, at, content FROM steps WHERE thread_id = $thread AND seq > $after ORDER BY seq LIMIT $limit",
            r => new Step(r.GetString(0), r.GetInt64(1), r.GetString(2), Names.Kind(r.GetString(3)), Time(r.GetInt64(4)), r.GetString(5)),
            ("$thread", threadId), ("$after", afterSeq), ("$limit", limit));

    public static void InsertTurn(SqliteSession session, NewTurn turn, long now) =>
        session.Execute(
            "INSERT INTO turns (id, thread_id, status, runner, origin, model, started_at) VALUES ($id, $thread, 'running', $runner, $origin, $model, $now)",
            ("$id", turn.TurnId), ("$thread", turn.ThreadId), ("$runner", turn.Runner), ("$origin", turn.Origin), ("$model", turn.Model), ("$now", now));

    public static void EndTurn(SqliteSession session, string id, TurnEnd end, long now) =>
        session.Execute(
            """
            UPDATE turns SET status = $status, finished_at = $now, input_tokens = $input, output_tokens = $output, error_code = $code, error_message = $message
            WHERE id = $id
            """,
            ("$id", id), ("$status", Names.Of(end.Status)), ("$now", now), ("$input", end.InputTokens), ("$output", end.OutputTokens),
            ("$code", end.ErrorCode), ("$message", end.ErrorMessage));

    /// <summary>Appends behind <paramref name="head"/>, making the thread if need be, and returns the new head.</summary>
    public static long Append(SqliteSession session, string threadId, string turnId, long head, IReadOnlyList<NewStep> steps, long now)
    {
        foreach (var step in steps)
        {
            session.Execute(
                "INSERT INTO steps (thread_id, seq, turn_id, kind, at, content) VALUES ($thread, $seq, $turn, $kind, $now, $content)",
                ("$thread", threadId), ("$seq", ++head), ("$turn", turnId), ("$kind", Names.Of(step.Kind)), ("$now", now), ("$content", step.Content));
        }

        session.Execute(
            """
            INSERT INTO threads (id, created_at, updated_at, head) VALUES ($id, $now, $now, $head)
            ON CONFLICT (id) DO UPDATE SET updated_at = max(updated_at, excluded.updated_at), head = excluded.head
            """,
            ("$id", threadId), ("$now", now), ("$head", head));
        return head;
    }

    public static bool Delete(SqliteSession session, string threadId)
    {
        session.Execute("DELETE FROM steps WHERE thread_id = $id", ("$id", threadId));
        session.Execute("DELETE FROM turns WHERE thread_id = $id", ("$id", threadId));
        return session.Execute("DELETE FROM threads WHERE id = $id", ("$id", threadId)) > 0;
    }

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static ThreadInfo ReadThread(SqliteDataReader r) => new(r.GetString(0), Time(r.GetInt64(1)), Time(r.GetInt64(2)), r.GetInt64(3));

    private static TurnInfo ReadTurn(SqliteDataReader r) => new(
        r.GetString(0),
        r.GetString(1),
        Names.Status(r.GetString(2)),
        r.GetString(3),
        r.GetString(4),
        r.GetString(5),
        Time(r.GetInt64(6)),
        r.IsDBNull(7) ? null : Time(r.GetInt64(7)),
        r.IsDBNull(8) ? null : r.GetInt64(8),
        r.IsDBNull(9) ? null : r.GetInt64(9),
        r.IsDBNull(10) ? null : r.GetString(10),
        r.IsDBNull(11) ? null : r.GetString(11));
}
