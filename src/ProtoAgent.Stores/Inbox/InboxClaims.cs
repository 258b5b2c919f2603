using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Inbox;

/// <summary>How items are handed out and signed for, each inside the caller's transaction.</summary>
/// <param name="isLive">Asked only when a claim is met.</param>
internal sealed class InboxClaims(Func<string, bool> isLive, TimeProvider time)
{
    private const string Died = "The process that had it in hand died before it said whether it was read.";

    /// <summary>No pause is longer; a time further ahead was set by a clock that has been set back.</summary>
    private static readonly TimeSpan s_longestPause = TimeSpan.FromDays(1);

    /// <param name="Dead">Processes whose items were taken back.</param>
    public sealed record Handed(IReadOnlyList<InboxItem> Items, IReadOnlyList<string> Dead);

    /// <summary>Whether <see cref="Claim"/> would do anything.</summary>
    public bool AnythingToDo(SqliteSession session, InboxPriority floor) =>
        Due(session, floor, 1).Count > 0 || InboxRows.DeadClaimers(session, isLive).Count > 0;

    public Handed Claim(SqliteSession session, InboxPriority floor, int limit, string claimer)
    {
        var dead = InboxRows.DeadClaimers(session, c => c == claimer || isLive(c));
        foreach (var one in dead)
        {
            session.Execute(
                "UPDATE items SET status = 'pending', claimed_by = NULL, claimed_at = NULL, last_error = ?2 WHERE status = 'claimed' AND claimed_by = ?1",
                one,
                Died);
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var free = Due(session, floor, limit);
        foreach (var item in free)
        {
            session.Execute(
                "UPDATE items SET status = 'claimed', claimed_by = ?2, claimed_at = ?3, fence = fence + 1 WHERE id = ?1", item.Id, claimer, now);
        }

        return new Handed([.. free.Select(item => InboxRows.Find(session, item.Id)!)], dead);
    }

    public InboxItem Deliver(SqliteSession session, string id, long fence, string turnId)
    {
        // A turn that another process went on with may sign for what its first one signed for.
        if (InboxRows.Find(session, id) is { Status: InboxStatus.Delivered } delivered && delivered.Fence == fence && delivered.TurnId == turnId)
        {
            return delivered;
        }

        GuardClaim(session, id, fence);
        return End(session, id, InboxStatus.Delivered, turnId);
    }

    /// <param name="failed">A turn was run for it and failed; else it only waits for its time.</param>
    public InboxItem Release(SqliteSession session, string id, long fence, string error, bool failed, TimeSpan? pause)
    {
        GuardClaim(session, id, fence);
        session.Execute(
            "UPDATE items SET status = 'pending', claimed_by = NULL, claimed_at = NULL, attempts = attempts + ?2, last_error = ?3, due_at = ?4 WHERE id = ?1",
            id,
            failed ? 1 : 0,
            error,
            pause is { } wait ? (time.GetUtcNow() + (wait < s_longestPause ? wait : s_longestPause)).ToUnixTimeMilliseconds() : default(long?));
        return InboxRows.Find(session, id)!;
    }

    public InboxItem Expire(SqliteSession session, string id, long fence, string error)
    {
        GuardClaim(session, id, fence);
        session.Execute("UPDATE items SET attempts = attempts + 1, last_error = ?2 WHERE id = ?1", id, error);
        return End(session, id, InboxStatus.Expired, turnId: null);
    }

    /// <summary>Null if there is no such item. One that was delivered stays as it was.</summary>
    public InboxItem? MarkDelivered(SqliteSession session, string id) =>
        InboxRows.Find(session, id) is { Status: not InboxStatus.Delivered } open ? End(session, open.Id, InboxStatus.Delivered, turnId: null) : InboxRows.Find(session, id);

    private List<InboxItem> Due(SqliteSession session, InboxPriority floor, int limit)
    {
        var now = time.GetUtcNow();
        return InboxRows.Items(session, InboxRows.Due, (long)floor, now.ToUnixTimeMilliseconds(), (now + s_longestPause).ToUnixTimeMilliseconds(), limit);
    }

    private InboxItem End(SqliteSession session, string id, InboxStatus status, string? turnId)
    {
        session.Execute(
            "UPDATE items SET status = ?2, ended_at = ?3, turn_id = ?4 WHERE id = ?1",
            id,
            InboxNames.Of(status),
            time.GetUtcNow().ToUnixTimeMilliseconds(),
            turnId);
        return InboxRows.Find(session, id)!;
    }

    private static void GuardClaim(SqliteSession session, string id, long fence)
    {
        var item = InboxRows.Find(session, id);
        if (item is not { Status: InboxStatus.Claimed } || item.Fence != fence)
        {
            var now = item switch
            {
                null => "was deleted",
                { Status: InboxStatus.Claimed } => $"is in the hands of another claim, {item.Fence}, of the process {item.ClaimedBy}",
                _ => $"is {InboxNames.Of(item.Status)}",
            };
            throw new StaleClaimException($"The claim {fence} of the inbox item '{id}' is over: the item {now}. Leave it alone.");
        }
    }
}
