using System.Globalization;
using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Activity;

/// <summary>What the agent did unasked, line by line; see README.md.</summary>
public sealed class ActivityStore : IAsyncDisposable
{
    /// <summary>The most lines on a page.</summary>
    public const int MaxPage = 500;

    /// <summary>Rows deleted in one write, so that a new line never waits long.</summary>
    private const int DeletedAtOnce = 2000;

    private const string Columns = "seq, at, origin, kind, text, thread_id, turn_id, job_id, item_id";

    private readonly SqliteDatabase _database;
    private readonly TimeProvider _time;

    private ActivityStore(SqliteDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
    }

    /// <inheritdoc cref="SqliteDatabase.Problem"/>
    public StoreException? Problem => _database.Problem;

    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<ActivityStore> OpenAsync(InstancePaths paths, TimeProvider time, ILogger<ActivityStore> logger) =>
        new(await SqliteDatabase.OpenAsync(paths, ActivitySchema.Schema, logger), time);

    /// <summary>Adds a line; or, if one has this <see cref="NewActivity.UniqueKey"/>, leaves that one as it is. A power cut may take the last lines.</summary>
    /// <exception cref="ArgumentException">It has no kind, or an empty key.</exception>
    /// <exception cref="StoreException">It is not written.</exception>
    public Task<ActivityAppended> AppendAsync(NewActivity activity, CancellationToken cancellationToken = default)
    {
        if (activity.Kind.Length == 0 || activity.UniqueKey is "")
        {
            throw new ArgumentException("An activity says its kind; a unique key is a text or left out, never empty.", nameof(activity));
        }

        return _database.WriteAsync(session => Append(session, activity), Durability.Process, cancellationToken);
    }

    /// <summary>The latest lines, newest last.</summary>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cursor">The <see cref="ActivityPage.Older"/> of another page; null for the latest.</param>
    /// <param name="origin">Only lines of that one; null for all.</param>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    public Task<ActivityPage> ListAsync(int limit, string? cursor = null, ActivityOrigin? origin = null, CancellationToken cancellationToken = default)
    {
        GuardLimit(limit);
        var before = long.MaxValue;
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            throw new ArgumentException("The cursor is not one this list gave out. Take 'older' of another page, or none for the latest.", nameof(cursor));
        }

        return _database.ReadAsync(session => Page(session, limit, before, origin), cancellationToken);
    }

    /// <summary>The lines after one, oldest first: what a reader has missed. None comes to stand between lines that were read.</summary>
    /// <param name="limit">1 to 500.</param>
    public Task<IReadOnlyList<ActivityEntry>> ReadAfterAsync(long seq, int limit, CancellationToken cancellationToken = default)
    {
        GuardLimit(limit);
        return _database.ReadAsync<IReadOnlyList<ActivityEntry>>(
            session => Entries(session, $"SELECT {Columns} FROM entries WHERE seq > ?1 ORDER BY seq LIMIT ?2", seq, limit), cancellationToken);
    }

    /// <summary>Forgets the lines written before, and their keys. Other writes come in between.</summary>
    /// <returns>How many.</returns>
    public async Task<long> DeleteBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var (all, some) = (0L, 0);
        do
        {
            some = await _database.WriteAsync(
                session => session.Execute(
                    "DELETE FROM entries WHERE seq IN (SELECT seq FROM entries WHERE at < ?1 ORDER BY at LIMIT ?2)",
                    before.ToUnixTimeMilliseconds(),
                    DeletedAtOnce),
                Durability.Process,
                cancellationToken);
            all += some;
        }
        while (some == DeletedAtOnce);

        return all;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private ActivityAppended Append(SqliteSession session, NewActivity activity)
    {
        if (activity.UniqueKey is { } key
            && Entries(session, $"SELECT {Columns} FROM entries WHERE unique_key = ?1", key) is [var told])
        {
            return new ActivityAppended(told, IsNew: false);
        }

        return new ActivityAppended(
            Entries(
                session,
                $"INSERT INTO entries (at, origin, kind, text, thread_id, turn_id, job_id, item_id, unique_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING {Columns}",
                _time.GetUtcNow().ToUnixTimeMilliseconds(),
                ActivityNames.Of(activity.Origin),
                activity.Kind,
                activity.Text,
                activity.ThreadId,
                activity.TurnId,
                activity.JobId,
                activity.ItemId,
                activity.UniqueKey)[0],
            IsNew: true);
    }

    private static ActivityPage Page(SqliteSession session, int limit, long before, ActivityOrigin? origin)
    {
        // No index by origin: every line would pay for it, and the retention bounds what a rare one makes this look at.
        var items = origin is { } only
            ? Entries(session, $"SELECT {Columns} FROM entries WHERE seq < ?1 AND origin = ?3 ORDER BY seq DESC LIMIT ?2", before, limit + 1, ActivityNames.Of(only))
            : Entries(session, $"SELECT {Columns} FROM entries WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2", before, limit + 1);
        var more = items.Count > limit;
        if (more)
        {
            items.RemoveAt(limit);
        }

        items.Reverse();
        return new ActivityPage(items, more ? items[0].Seq.ToString(CultureInfo.InvariantCulture) : null);
    }

    private static List<ActivityEntry> Entries(SqliteSession session, string sql, params ReadOnlySpan<SqliteValue> values)
    {
        var entries = new List<ActivityEntry>();
        using var rows = session.Query(sql, values);
        while (rows.Read())
        {
            entries.Add(new ActivityEntry(
                rows.Integer(0), DateTimeOffset.FromUnixTimeMilliseconds(rows.Integer(1)), ActivityNames.Stored(rows.Text(2)), rows.Text(3), rows.Text(4))
            {
                ThreadId = rows.TextOrNull(5),
                TurnId = rows.TextOrNull(6),
                JobId = rows.TextOrNull(7),
                ItemId = rows.TextOrNull(8),
            });
        }

        return entries;
    }

    private static void GuardLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
    }
}
