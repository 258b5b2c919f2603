using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Memory;

/// <summary>What of the memory entered which turn, in <c>memory-injections.db</c>. A power cut may take the last rows.</summary>
public sealed class InjectionStore : IAsyncDisposable
{
    /// <summary>The most on a page.</summary>
    public const int MaxPage = 500;

    private const int DeletedAtOnce = 2000;

    private readonly SqliteDatabase _database;

    private InjectionStore(SqliteDatabase database) => _database = database;

    /// <inheritdoc cref="SqliteDatabase.Problem"/>
    public StoreException? Problem => _database.Problem;

    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<InjectionStore> OpenAsync(InstancePaths paths, ILogger<InjectionStore> logger) =>
        new(await SqliteDatabase.OpenAsync(paths, InjectionSchema.Schema, logger));

    /// <summary>Of a turn that was gone on with after a crash the last one stands.</summary>
    /// <exception cref="StoreException">It is not written.</exception>
    public Task RecordAsync(Injection injection, CancellationToken cancellationToken = default) => _database.WriteAsync(
        session => session.Execute(
            "INSERT OR REPLACE INTO injections (turn_id, session_id, at, characters, items) VALUES (?1, ?2, ?3, ?4, ?5)",
            injection.TurnId, injection.SessionId, injection.At.ToUnixTimeMilliseconds(), injection.Characters,
            JsonSerializer.Serialize(injection.Items, InjectionJson.Default.IReadOnlyListInjectedItem)),
        Durability.Process,
        cancellationToken);

    /// <summary>The latest first.</summary>
    /// <param name="sessionId">Null for every one.</param>
    /// <param name="cursor">The <see cref="InjectionPage.Next"/> of the page before; null for the first.</param>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    public Task<InjectionPage> ListAsync(string? sessionId, int limit, string? cursor = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
        var before = cursor is null ? long.MaxValue
            : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq
            : throw new ArgumentException("The cursor is not one this list gave out. Take 'next' of the page before, or none for the first page.", nameof(cursor));
        return _database.ReadAsync(session => Page(session, sessionId, limit, before), cancellationToken);
    }

    /// <returns>How many.</returns>
    public Task<int> DeleteSessionAsync(string sessionId, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => session.Execute("DELETE FROM injections WHERE session_id = ?1", sessionId), Durability.Process, cancellationToken);

    /// <summary>Forgets those from before. Other writes come in between.</summary>
    /// <returns>How many.</returns>
    public async Task<long> DeleteBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var (all, some) = (0L, 0);
        do
        {
            some = await _database.WriteAsync(
                session => session.Execute(
                    "DELETE FROM injections WHERE seq IN (SELECT seq FROM injections WHERE at < ?1 ORDER BY at LIMIT ?2)", before.ToUnixTimeMilliseconds(), DeletedAtOnce),
                Durability.Process,
                cancellationToken);
            all += some;
        }
        while (some == DeletedAtOnce);

        return all;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static InjectionPage Page(SqliteSession session, string? sessionId, int limit, long before)
    {
        var items = new List<(long Seq, Injection Injection)>();
        using var rows = sessionId is null
            ? session.Query("SELECT seq, turn_id, session_id, at, characters, items FROM injections WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2", before, limit + 1)
            : session.Query(
                "SELECT seq, turn_id, session_id, at, characters, items FROM injections WHERE session_id = ?3 AND seq < ?1 ORDER BY seq DESC LIMIT ?2", before, limit + 1, sessionId);
        while (rows.Read())
        {
            items.Add((rows.Integer(0), new Injection(
                rows.Text(1), rows.Text(2), DateTimeOffset.FromUnixTimeMilliseconds(rows.Integer(3)), (int)rows.Integer(4),
                JsonSerializer.Deserialize(rows.Text(5), InjectionJson.Default.IReadOnlyListInjectedItem) ?? [])));
        }

        return new InjectionPage(
            [.. items.Take(limit).Select(i => i.Injection)], items.Count > limit ? items[limit - 1].Seq.ToString(CultureInfo.InvariantCulture) : null);
    }
}
