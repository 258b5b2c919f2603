using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Inbox;

/// <summary>
/// How a call reads what waits, each inside the caller's transaction. What it read is delivered at once, and put back if the
/// call's answer turns out not to be in its thread.
/// </summary>
internal sealed class InboxReads(TimeProvider time)
{
    private const string Unread = "The turn that took it ended before its thread held it.";

    /// <summary>Whether <see cref="Read"/> would find anything.</summary>
    public static bool AnythingToRead(SqliteSession session, InboxPriority floor, string turnId, string callKey) =>
        InboxRows.Items(session, InboxRows.ReadByCall, turnId, callKey).Count > 0 || InboxRows.Items(session, InboxRows.Pending, (long)floor, 1).Count > 0;

    /// <param name="characters">Of all texts together; the first is taken however long it is.</param>
    public InboxRead Read(SqliteSession session, InboxPriority floor, int limit, int characters, string turnId, string callKey)
    {
        if (InboxRows.Items(session, InboxRows.ReadByCall, turnId, callKey) is { Count: > 0 } before)
        {
            return new InboxRead(before, Fresh: false, InboxRows.Items(session, InboxRows.Pending, (long)floor, 1).Count > 0);
        }

        var waiting = InboxRows.Items(session, InboxRows.Pending, (long)floor, limit + 1);
        var taken = new List<InboxItem>();
        foreach (var item in waiting.Take(limit))
        {
            characters -= item.Text.Length;
            if (taken.Count > 0 && characters < 0)
            {
                break;
            }

            session.Execute(
                "UPDATE items SET status = 'delivered', ended_at = ?2, turn_id = ?3, call_key = ?4, reading = 1 WHERE id = ?1",
                item.Id,
                time.GetUtcNow().ToUnixTimeMilliseconds(),
                turnId,
                callKey);
            taken.Add(InboxRows.Find(session, item.Id)!);
        }

        return new InboxRead(taken, Fresh: true, waiting.Count > taken.Count);
    }

    /// <summary>What a turn that ended had taken: signed for where the call is among those that answered, else it waits again.</summary>
    /// <returns>What waits again.</returns>
    public static IReadOnlyList<InboxItem> Settle(SqliteSession session, string turnId, IReadOnlySet<string> answered)
    {
        foreach (var call in answered)
        {
            session.Execute("UPDATE items SET reading = 0 WHERE reading = 1 AND turn_id = ?1 AND call_key = ?2", turnId, call);
        }

        var unread = InboxRows.Items(session, InboxRows.Reading, turnId);
        foreach (var item in unread)
        {
            session.Execute(
                "UPDATE items SET status = 'pending', ended_at = NULL, turn_id = NULL, call_key = NULL, reading = 0, last_error = ?2 WHERE id = ?1", item.Id, Unread);
        }

        return [.. unread.Select(item => InboxRows.Find(session, item.Id)!)];
    }
}
