using System.Globalization;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Inbox;

/// <summary>How an item comes in, or is kept out, inside the caller's transaction.</summary>
internal sealed class InboxAdds(TimeProvider time)
{
    /// <summary>The source of what the inbox itself says.</summary>
    public const string OwnSource = "inbox";

    public const string ByKey =
        $"SELECT {InboxRows.Columns} FROM items WHERE dedup_key = ?1 AND created_at > ?2 AND created_at < ?3 AND status <> 'expired' ORDER BY created_at DESC LIMIT 1";

    public const string Nth = "SELECT 1 FROM items WHERE source = ?1 AND created_at > ?2 AND created_at < ?3 LIMIT 1 OFFSET ?4";

    public const string Running =
        """
        SELECT id, created_at, refused FROM items WHERE storm_of = ?1 AND storm_at > ?2 AND storm_at < ?3
          AND (ended_at IS NULL OR created_at > ?4) ORDER BY storm_at DESC LIMIT 1
        """;

    /// <summary>What the storm guard counts over; and how long a source must be quiet for its storm to be over.</summary>
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    /// <summary>A storm that goes on after its notice was read is told of again: a source may never calm down.</summary>
    private static readonly TimeSpan s_toldAgain = TimeSpan.FromHours(1);

    public InboxAdd Add(SqliteSession session, NewItem item, TimeSpan dedupWindow, int stormLimit)
    {
        // The windows look into the future as well: a clock that was set back a little must not let a duplicate through, and
        // one that was set back a year must not shut a source out for a year.
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var window = Milliseconds(dedupWindow);
        if (item.DedupKey is { } key
            && InboxRows.Items(session, ByKey, key, now - window, now + window) is [var existing])
        {
            return new InboxAdd.Deduplicated(existing);
        }

        return session.Integer(Nth, item.Source, now - Milliseconds(s_window), now + Milliseconds(s_window), stormLimit - 1) is null
            ? new InboxAdd.Added(InboxRows.Find(session, Insert(session, item, now))!)
            : Refuse(session, item.Source, now, stormLimit);
    }

    private InboxAdd.Storm Refuse(SqliteSession session, string source, long now, int limit)
    {
        var (id, began, refused) = Storm(session, source, now);
        refused++;
        var text = Text(source, began, refused, limit);
        id ??= Insert(session, new NewItem(text, InboxPriority.Next, OwnSource), now);
        session.Execute("UPDATE items SET text = ?2, storm_of = ?3, storm_at = ?4, refused = ?5 WHERE id = ?1", id, text, source, now, refused);
        return new InboxAdd.Storm(InboxRows.Find(session, id)!, refused);
    }

    private static (string? NoticeId, long Began, long Refused) Storm(SqliteSession session, string source, long now)
    {
        using var rows = session.Query(
            Running, source, now - Milliseconds(s_window), now + Milliseconds(s_window), now - Milliseconds(s_toldAgain));
        return rows.Read() ? (rows.Text(0), rows.Integer(1), rows.Integer(2)) : (null, now, 0);
    }

    private string Insert(SqliteSession session, NewItem item, long now)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        session.Execute(
            "INSERT INTO items (id, text, priority, source, dedup_key, created_at, status) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending')",
            id,
            item.Text,
            (long)item.Priority,
            item.Source,
            item.DedupKey,
            now);
        return id;
    }

    private static string Text(string source, long began, long refused, int limit)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(began).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var what = refused == 1 ? "1 item" : $"{refused} items";
        return $"{what} from '{source}' refused and not kept since {at} UTC: more than {limit} came within a minute. Look at what sends them, and why so many.";
    }

    private static long Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;
}
