using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Inbox;

/// <summary>Rows of the inbox as records, and the questions that only read.</summary>
internal static class InboxRows
{
    public const string Columns =
        "seq, id, text, priority, source, dedup_key, created_at, status, claimed_by, claimed_at, fence, ended_at, turn_id, attempts, last_error, due_at";

    /// <summary>What waits for somebody: pending, in the order it is handed out.</summary>
    public const string Pending =
        $"SELECT {Columns} FROM items INDEXED BY items_open WHERE ended_at IS NULL AND status = 'pending' AND priority <= ?1 ORDER BY priority, seq LIMIT ?2";

    /// <summary>The same without what has to wait until later. A clock that was set back must not make it wait for ever.</summary>
    public const string Due =
        $"""
        SELECT {Columns} FROM items INDEXED BY items_open WHERE ended_at IS NULL AND status = 'pending' AND priority <= ?1
          AND (due_at IS NULL OR due_at <= ?2 OR due_at > ?3) ORDER BY priority, seq LIMIT ?4
        """;

    public const string FirstDue =
        "SELECT MIN(COALESCE(due_at, created_at)) FROM items INDEXED BY items_open WHERE ended_at IS NULL AND status = 'pending' AND priority = 0";

    /// <summary>What a turn's calls read and is not known to be in its thread.</summary>
    public const string Reading = $"SELECT {Columns} FROM items INDEXED BY items_reading WHERE reading = 1 AND turn_id = ?1 ORDER BY priority, seq";

    public const string ReadByCall =
        $"SELECT {Columns} FROM items INDEXED BY items_reading WHERE reading = 1 AND turn_id = ?1 AND call_key = ?2 ORDER BY priority, seq";

    public const string Readers = "SELECT DISTINCT turn_id FROM items INDEXED BY items_reading WHERE reading = 1";

    public const string Claimers = "SELECT DISTINCT claimed_by FROM items INDEXED BY items_claimed WHERE status = 'claimed'";

    public const string CountByClaimer =
        "SELECT claimed_by, COUNT(*) FROM items INDEXED BY items_open WHERE ended_at IS NULL GROUP BY claimed_by";

    public const string OpenNow =
        $"SELECT {Columns} FROM items INDEXED BY items_open WHERE ended_at IS NULL AND priority = 0 ORDER BY seq";

    public const string OpenPage =
        $"SELECT {Columns} FROM items INDEXED BY items_open WHERE ended_at IS NULL AND priority <= ?1 AND (priority, seq) > (?2, ?3) ORDER BY priority, seq LIMIT ?4";

    public const string EndedPage =
        $"SELECT {Columns} FROM items INDEXED BY items_ended WHERE ended_at IS NOT NULL AND priority <= ?1 AND (ended_at, seq) < (?2, ?3) ORDER BY ended_at DESC, seq DESC LIMIT ?4";

    public static InboxItem? Find(SqliteSession session, string id)
    {
        using var rows = session.Query($"SELECT {Columns} FROM items WHERE id = ?1", id);
        return rows.Read() ? Item(rows) : null;
    }

    public static List<InboxItem> Items(SqliteSession session, string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var items = new List<InboxItem>();
        using var rows = session.Query(sql, values);
        while (rows.Read())
        {
            items.Add(Item(rows));
        }

        return items;
    }

    /// <summary>Processes that died with items in hand.</summary>
    public static List<string> DeadClaimers(SqliteSession session, Func<string, bool> isLive)
    {
        var claimers = Names(session, Claimers);
        claimers.RemoveAll(isLive.Invoke);
        return claimers;
    }

    public static List<string> Names(SqliteSession session, string sql)
    {
        var names = new List<string>();
        using var rows = session.Query(sql);
        while (rows.Read())
        {
            names.Add(rows.Text(0));
        }

        return names;
    }

    /// <summary>What the next claim could take: pending, or in the hands of the dead.</summary>
    public static long CountFree(SqliteSession session, Func<string, bool> isLive)
    {
        var byClaimer = new List<(string? Claimer, long Count)>();
        using (var rows = session.Query(CountByClaimer))
        {
            while (rows.Read())
            {
                byClaimer.Add((rows.TextOrNull(0), rows.Integer(1)));
            }
        }

        return byClaimer.Where(c => c.Claimer is null || !isLive(c.Claimer)).Sum(c => c.Count);
    }

    /// <summary>The first that the next claim of <c>now</c> would take. Reads on only past what live processes have in hand.</summary>
    public static InboxItem? FirstFreeNow(SqliteSession session, Func<string, bool> isLive)
    {
        using var rows = session.Query(OpenNow);
        while (rows.Read())
        {
            var item = Item(rows);
            if (item.Status == InboxStatus.Pending || !isLive(item.ClaimedBy!))
            {
                return item;
            }
        }

        return null;
    }

    /// <summary>What waits, in the order it is handed out; then, if wanted, what is over, the latest first.</summary>
    public static InboxPage Page(SqliteSession session, InboxPriority floor, bool withEnded, int limit, InboxCursor behind)
    {
        var found = new List<(InboxItem Item, InboxCursor Cursor)>();
        if (!behind.Ended)
        {
            Read(OpenPage, behind, rows => new InboxCursor(Ended: false, rows.Integer(3), rows.Integer(0)));
            behind = InboxCursor.EndedStart;
        }

        if (withEnded && found.Count <= limit)
        {
            Read(EndedPage, behind, rows => new InboxCursor(Ended: true, rows.Integer(11), rows.Integer(0)));
        }

        return new InboxPage([.. found.Take(limit).Select(f => f.Item)], found.Count > limit ? found[limit - 1].Cursor.Encode() : null);

        void Read(string sql, InboxCursor from, CursorOf cursorOf)
        {
            using var rows = session.Query(sql, (long)floor, from.Key, from.Seq, limit + 1 - found.Count);
            while (rows.Read())
            {
                found.Add((Item(rows), cursorOf(rows)));
            }
        }
    }

    private delegate InboxCursor CursorOf(SqliteRows rows);

    private static InboxItem Item(SqliteRows row) => new(
        row.Text(1),
        row.Text(2),
        InboxNames.Priority(row.Integer(3)),
        row.Text(4),
        row.TextOrNull(5),
        Time(row.Integer(6)),
        InboxNames.Status(row.Text(7)))
    {
        ClaimedBy = row.TextOrNull(8),
        ClaimedAt = row.IntegerOrNull(9) is { } claimed ? Time(claimed) : null,
        Fence = row.Integer(10),
        EndedAt = row.IntegerOrNull(11) is { } ended ? Time(ended) : null,
        TurnId = row.TextOrNull(12),
        Attempts = row.Integer(13),
        LastError = row.TextOrNull(14),
        DueAt = row.IntegerOrNull(15) is { } due ? Time(due) : null,
    };

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
