using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.A2ATasks;

/// <summary>Tasks that peers gave the agent; see README.md for what holds when.</summary>
public sealed class A2ATaskStore : IAsyncDisposable
{
    /// <summary>The most tasks on a page.</summary>
    public const int MaxPage = 100;

    /// <summary>Tasks deleted in one write, so that a new one never waits long.</summary>
    private const int DeletedAtOnce = 200;

    private readonly SqliteDatabase _database;
    private readonly A2ATaskWrites _writes;

    private A2ATaskStore(SqliteDatabase database, TimeProvider time)
    {
        _database = database;
        _writes = new A2ATaskWrites(time);
    }

    /// <inheritdoc cref="SqliteDatabase.Problem"/>
    public StoreException? Problem => _database.Problem;

    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<A2ATaskStore> OpenAsync(InstancePaths paths, TimeProvider time, ILogger<A2ATaskStore> logger) =>
        new(await SqliteDatabase.OpenAsync(paths, A2ATaskSchema.Schema, logger), time);

    /// <summary>Answers when it is on the disk.</summary>
    /// <param name="mostOpen">Tasks that may be open at once, this one with them.</param>
    public Task<A2ATaskBegin> BeginAsync(NewA2ATask task, int mostOpen, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => _writes.Begin(session, task, mostOpen), Durability.Power, cancellationToken);

    /// <summary>Writes how it stands from now on. Null when there is no such task, or it has ended: an end is final.</summary>
    public Task<StoredA2ATask?> ChangeAsync(string id, A2ATaskStatusChange change) =>
        _database.WriteAsync(session => _writes.Change(session, id, change), change.HasEnded ? Durability.Power : Durability.Process);

    /// <summary>Adds what was said to an open task. False when it is not open, or this was said before.</summary>
    public Task<bool> SayAsync(string id, TaskMessage message) =>
        _database.WriteAsync(session => A2ATaskWrites.SayOnce(session, id, message), Durability.Process);

    /// <param name="history">The most messages, the latest; null for all.</param>
    public Task<StoredA2ATask?> GetAsync(string id, int? history = null, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => A2ATaskRows.Find(session, id, history), cancellationToken);

    /// <summary>The task that first message made; null if none did.</summary>
    public Task<StoredA2ATask?> FindByKeyAsync(string key, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => A2ATaskRows.FindByKey(session, key), cancellationToken);

    /// <summary>Of tasks that have not ended, oldest first. Costs by their number, not by the amount of stored data.</summary>
    public Task<IReadOnlyList<string>> OpenIdsAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync(A2ATaskRows.OpenIds, cancellationToken);

    /// <summary>The one whose status was written last first.</summary>
    /// <param name="limit">1 to 100.</param>
    /// <param name="cursor">The <see cref="A2ATaskPage.Next"/> of the page before; null for the first.</param>
    /// <param name="history">The most messages of each, the latest; null for all.</param>
    /// <exception cref="ArgumentException">The cursor is none.</exception>
    public Task<A2ATaskPage> ListAsync(A2ATaskFilter filter, int limit, string? cursor = null, int? history = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
        var behind = cursor is null ? A2ATaskCursor.Start : A2ATaskCursor.Decode(cursor);
        return _database.ReadAsync(session => A2ATaskRows.Page(session, filter, limit, behind, history), cancellationToken);
    }

    /// <summary>Forgets tasks that ended before then. Other writes come in between.</summary>
    /// <returns>How many.</returns>
    public async Task<long> DeleteBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var (all, some) = (0L, 0);
        do
        {
            some = await _database.WriteAsync(session => A2ATaskWrites.DeleteBefore(session, before, DeletedAtOnce), Durability.Process, cancellationToken);
            all += some;
        }
        while (some == DeletedAtOnce);

        return all;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
