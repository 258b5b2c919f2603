using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>Approvals, each inside the caller's transaction.</summary>
internal static class ApprovalWrites
{
    /// <summary>Oldest first.</summary>
    public static List<Approval> Open(SqliteSession session, int limit) =>
        Read(session, $"SELECT {CheckpointRows.ApprovalColumns} FROM approvals INDEXED BY approvals_open WHERE decided_at IS NULL ORDER BY created_at, id LIMIT ?1", limit);

    /// <summary>All of a turn's, decided or not.</summary>
    public static List<Approval> Of(SqliteSession session, string turnId) =>
        Read(session, $"SELECT {CheckpointRows.ApprovalColumns} FROM approvals WHERE turn_id = ?1", turnId);

    /// <summary>The first decision stands. Null if there is no such approval.</summary>
    public static DecisionTaken? Decide(SqliteSession session, string id, Decision decision, string? answer, long now)
    {
        var changed = session.Execute(
            "UPDATE approvals SET decision = ?2, answer = ?3, decided_at = ?4 WHERE id = ?1 AND decided_at IS NULL", id, StoredNames.Of(decision), answer, now);
        return Read(session, $"SELECT {CheckpointRows.ApprovalColumns} FROM approvals WHERE id = ?1", id) is [var approval]
            ? new DecisionTaken(approval, changed > 0, TurnWrites.IsFree(session, approval.TurnId))
            : null;
    }

    private static List<Approval> Read(SqliteSession session, string sql, SqliteValue value)
    {
        var approvals = new List<Approval>();
        using var rows = session.Query(sql, value);
        while (rows.Read())
        {
            approvals.Add(CheckpointRows.Approval(rows));
        }

        return approvals;
    }
}
