using System.Text;
using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Inbox;

/// <summary>What others left for the agent to read, once; see README.md for what holds when.</summary>
public sealed partial class InboxStore : IAsyncDisposable
{
    /// <summary>The longest text, in characters.</summary>
    public const int MaxTextLength = 65_536;

    /// <summary>The longest source, in characters.</summary>
    public const int MaxSourceLength = 128;

    /// <summary>The longest dedup key, in characters.</summary>
    public const int MaxKeyLength = 256;

    /// <summary>The most items on a page, and in a claim.</summary>
    public const int MaxPage = 500;

    /// <summary>What is kept of an error, in characters: a trace is for the log.</summary>
    private const int MaxErrorLength = 2_000;

    /// <summary>Rows deleted in one write, so that a new item never waits long.</summary>
    private const int DeletedAtOnce = 2_000;

    private readonly SqliteDatabase _database;
    private readonly Func<string, bool> _isLive;
    private readonly InboxAdds _adds;
    private readonly InboxClaims _claims;
    private readonly InboxReads _reads;
    private readonly ILogger _logger;

    private InboxStore(SqliteDatabase database, Func<string, bool> isLive, TimeProvider time, ILogger logger)
    {
        _database = database;
        _isLive = isLive;
        _adds = new InboxAdds(time);
        _claims = new InboxClaims(isLive, time);
        _reads = new InboxReads(time);
        _logger = logger;
    }

    /// <inheritdoc cref="SqliteDatabase.Problem"/>
    public StoreException? Problem => _database.Problem;

    /// <param name="isLive">Whether the process named as a claimer lives. Asked only when a claim is met.</param>
    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<InboxStore> OpenAsync(InstancePaths paths, Func<string, bool> isLive, TimeProvider time, ILogger<InboxStore> logger) =>
        new(await SqliteDatabase.OpenAsync(paths, InboxSchema.Schema, logger), isLive, time, logger);

    /// <summary>Answers when it is on the disk.</summary>
    /// <param name="dedupWindow">How long a key stands for the item that came with it, delivered or not; zero: no time at all.</param>
    /// <param name="stormLimit">Items of one source taken within a minute, at least 1.</param>
    /// <exception cref="BadItemException">The item can't be stored; the message says why.</exception>
    /// <exception cref="StoreException">It is not written.</exception>
    public async Task<InboxAdd> AddAsync(NewItem item, TimeSpan dedupWindow, int stormLimit, CancellationToken cancellationToken = default)
    {
        GuardItem(item);
        ArgumentOutOfRangeException.ThrowIfLessThan(dedupWindow, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(stormLimit, 1);
        var answer = await _database.WriteAsync(session => _adds.Add(session, item, dedupWindow, stormLimit), Durability.Power, cancellationToken);
        if (answer is InboxAdd.Storm { Refused: 1 })
        {
            LogStorm(_logger, item.Source, stormLimit);
        }

        return answer;
    }

    /// <summary>
    /// Hands out what waits, each item to one claimer alone: <c>now</c> first, then <c>next</c>, then <c>later</c>, the oldest of each
    /// first; what has to wait until later is left. What a dead process had in hand waits again. Each must be delivered, released or expired, with its <see cref="InboxItem.Fence"/>.
    /// </summary>
    /// <param name="floor">The least urgent that is wanted.</param>
    /// <param name="limit">1 to 500.</param>
    /// <param name="claimer">The process: <c>InstanceRecord.ProcessId</c>.</param>
    public async Task<IReadOnlyList<InboxItem>> ClaimAsync(InboxPriority floor, int limit, string claimer, CancellationToken cancellationToken = default)
    {
        GuardLimit(limit);
        ArgumentException.ThrowIfNullOrEmpty(claimer);

        // A look without the write lock: as a rule nothing waits.
        if (!await _database.ReadAsync(session => _claims.AnythingToDo(session, floor), cancellationToken))
        {
            return [];
        }

        var handed = await _database.WriteAsync(session => _claims.Claim(session, floor, limit, claimer), Durability.Process, cancellationToken);
        foreach (var dead in handed.Dead)
        {
            LogTakenBack(_logger, dead);
        }

        return handed.Items;
    }

    /// <summary>It was read, by this turn. Safe twice.</summary>
    /// <exception cref="StaleClaimException">The claim is over.</exception>
    public Task<InboxItem> DeliverAsync(string id, long fence, string turnId, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _claims.Deliver(session, id, fence, turnId), Durability.Power, cancellationToken);

    /// <summary>It was not read, and waits again in its old place.</summary>
    /// <param name="failed">A turn was run for it and failed, which counts.</param>
    /// <param name="pause">Until it may be claimed again; null for at once. At most a day.</param>
    /// <exception cref="StaleClaimException">The claim is over.</exception>
    public Task<InboxItem> ReleaseAsync(string id, long fence, string error, bool failed, TimeSpan? pause = null, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _claims.Release(session, id, fence, Short(error), failed, pause), Durability.Process, cancellationToken);

    /// <summary>It was not read and is given up: whoever tries it fails. A person may still see, mark or delete it.</summary>
    /// <exception cref="StaleClaimException">The claim is over.</exception>
    public Task<InboxItem> ExpireAsync(string id, long fence, string error, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _claims.Expire(session, id, fence, Short(error)), Durability.Power, cancellationToken);

    /// <summary>
    /// A call of a turn reads what waits and nobody has in hand, in the order of <see cref="ClaimAsync"/>, and it is delivered when this
    /// answers. The same call gets the same items again until <see cref="SettleAsync"/>: it may be repeated after a crash.
    /// </summary>
    /// <param name="limit">1 to 500.</param>
    /// <param name="characters">Of all texts together; the first is taken however long it is.</param>
    /// <param name="callKey">The same for each attempt at this call, and for no other.</param>
    public async Task<InboxRead> ReadAsync(
        InboxPriority floor, int limit, int characters, string turnId, string callKey, CancellationToken cancellationToken = default)
    {
        GuardLimit(limit);
        ArgumentException.ThrowIfNullOrEmpty(turnId);
        ArgumentException.ThrowIfNullOrEmpty(callKey);
        return await _database.ReadAsync(session => InboxReads.AnythingToRead(session, floor, turnId, callKey), cancellationToken)
            ? await _database.WriteAsync(session => _reads.Read(session, floor, limit, characters, turnId, callKey), Durability.Power, cancellationToken)
            : new InboxRead([], Fresh: true, More: false);
    }

    /// <summary>Whether a call of the turn read something that is not settled.</summary>
    public Task<bool> IsReadingAsync(string turnId, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => InboxRows.Items(session, InboxRows.Reading, turnId).Count > 0, cancellationToken);

    /// <summary>Turns whose calls read something that is not settled.</summary>
    public Task<IReadOnlyList<string>> ReadersAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync<IReadOnlyList<string>>(session => InboxRows.Names(session, InboxRows.Readers), cancellationToken);

    /// <summary>The turn has ended: what those of its calls read whose answer its thread holds stays delivered, the rest waits again.</summary>
    /// <param name="answered">Keys of those calls.</param>
    /// <returns>What waits again.</returns>
    public Task<IReadOnlyList<InboxItem>> SettleAsync(string turnId, IReadOnlySet<string> answered, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => InboxReads.Settle(session, turnId, answered), Durability.Power, cancellationToken);

    /// <summary>When the first <c>now</c> item that waits may be claimed; in the past if it may. Null if none waits.</summary>
    public Task<DateTimeOffset?> FirstDueAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync<DateTimeOffset?>(
            session => session.Integer(InboxRows.FirstDue) is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null, cancellationToken);

    /// <summary>A person says that it is dealt with, whoever has it in hand. Null if there is no such item.</summary>
    public Task<InboxItem?> MarkDeliveredAsync(string id, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _claims.MarkDelivered(session, id), Durability.Power, cancellationToken);

    /// <summary>False if there is no such item. Its dedup key stands for nothing any more.</summary>
    public Task<bool> DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => session.Execute("DELETE FROM items WHERE id = ?1", id) > 0, Durability.Power, cancellationToken);

    public Task<InboxItem?> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => InboxRows.Find(session, id), cancellationToken);

    /// <summary>What waits or is in hand, in the order it is handed out; then, if wanted, what was delivered or expired, the latest first.</summary>
    /// <param name="floor">The least urgent that is wanted.</param>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cursor">The <see cref="InboxPage.Next"/> of the page before; null for the first.</param>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    public Task<InboxPage> ListAsync(
        InboxPriority floor, bool includeDelivered, int limit, string? cursor = null, CancellationToken cancellationToken = default)
    {
        GuardLimit(limit);
        var behind = cursor is null ? InboxCursor.Start : InboxCursor.Decode(cursor);
        return _database.ReadAsync(session => InboxRows.Page(session, floor, includeDelivered, limit, behind), cancellationToken);
    }

    /// <summary>What the next claim could take: pending, or in the hands of a dead process.</summary>
    public Task<long> CountPendingAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => InboxRows.CountFree(session, _isLive), cancellationToken);

    /// <summary>The first that a claim of <c>now</c> would take, left where it is; null if none waits.</summary>
    public Task<InboxItem?> NextPendingNowAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => InboxRows.FirstFreeNow(session, _isLive), cancellationToken);

    /// <summary>Forgets what was delivered or expired before; what waits is never forgotten. Other writes come in between.</summary>
    /// <returns>How many.</returns>
    public async Task<long> DeleteBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var (all, some) = (0L, 0);
        do
        {
            some = await _database.WriteAsync(
                session => session.Execute(
                    "DELETE FROM items WHERE seq IN (SELECT seq FROM items WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)",
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

    private static void GuardItem(NewItem item)
    {
        if (item.Text.Length > MaxTextLength || string.IsNullOrWhiteSpace(item.Text))
        {
            throw new BadItemException("text", $"An item's text has 1 to {MaxTextLength} characters, not all of them blank; this one has {item.Text.Length}.");
        }

        GuardName(item.Source, "source", MaxSourceLength);
        if (item.Source == InboxAdds.OwnSource)
        {
            throw new BadItemException("source", $"The source '{InboxAdds.OwnSource}' is the inbox's own. Name who sends the item.");
        }

        if (item.DedupKey is { } key)
        {
            GuardName(key, "dedup_key", MaxKeyLength);
        }

        _ = InboxNames.Of(item.Priority);
    }

    private static void GuardName(string name, string field, int max)
    {
        // A half of a surrogate pair would be stored as U+FFFD, and two keys could become one.
        if (name.Length == 0 || name.Length > max || name.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar))
        {
            throw new BadItemException(field, $"An item's {field} has 1 to {max} characters, none of them a control character or half a character.");
        }
    }

    private static void GuardLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
    }

    private static string Short(string error) => error.Length <= MaxErrorLength ? error : error[..MaxErrorLength];

    [LoggerMessage(EventName = "inbox_storm", Level = LogLevel.Warning, Message = "items from {Source} are refused: more than {Limit} came within a minute; a notice in the inbox counts them")]
    private static partial void LogStorm(ILogger log, string source, int limit);

    [LoggerMessage(EventName = "inbox_taken_back", Level = LogLevel.Warning, Message = "what the process {Claimer} had in hand of the inbox waits again: it died before it said whether it was read")]
    private static partial void LogTakenBack(ILogger log, string claimer);
}
