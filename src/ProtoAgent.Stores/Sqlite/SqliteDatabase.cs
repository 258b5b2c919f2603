using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>
/// A store's file, opened: one writer fed by a queue, a few readers. The one way to SQLite for every store; see README.md.
/// </summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private readonly WriteQueue _writes;
    private readonly ReadPool _reads;

    private SqliteDatabase(StoreFile file, SqliteSchema schema, SqliteSession writer, ILogger logger)
    {
        _reads = new ReadPool(file);
        _writes = new WriteQueue(file, schema, writer, _reads.Forget, logger);
    }

    /// <summary>For a store's class that only reads.</summary>
    public ReadPool Reads => _reads;

    /// <summary>Transactions committed by this process since it opened the file.</summary>
    public long Commits => _writes.Commits;

    /// <inheritdoc cref="WriteQueue.Problem"/>
    public StoreException? Problem => _writes.Problem;

    /// <summary>Opens the file the paths give the store, and creates or migrates it.</summary>
    /// <exception cref="StoreException">Not ours, newer, damaged, full, not writable. A refused file is left as it was.</exception>
    public static Task<SqliteDatabase> OpenAsync(InstancePaths paths, SqliteSchema schema, ILogger logger)
    {
        var file = StoreFile.Of(paths, schema.Store);
        return Task.Run(() =>
        {
            try
            {
                return new SqliteDatabase(file, schema, SqliteOpening.OpenWriter(file, schema, create: true), logger);
            }
            catch (Exception e) when (e is SqliteFailure or IOException or UnauthorizedAccessException)
            {
                throw file.Explain(e);
            }
        });
    }

    /// <inheritdoc cref="WriteQueue.WriteAsync"/>
    public Task<T> WriteAsync<T>(
        Func<SqliteSession, T> body, Durability durability = Durability.Process, CancellationToken cancellationToken = default) =>
        _writes.WriteAsync(body, durability, cancellationToken);

    /// <summary>Runs on the caller's thread, in one read transaction.</summary>
    /// <exception cref="StoreException">The file can't be read, or the store is closed.</exception>
    public Task<T> ReadAsync<T>(Func<SqliteSession, T> body, CancellationToken cancellationToken = default) =>
        _reads.ReadAsync(body, cancellationToken);

    /// <summary>Everything accepted is written first. Safe twice.</summary>
    public async ValueTask DisposeAsync()
    {
        // Readers first: the last connection to close folds the WAL in and removes it.
        await _reads.DisposeAsync();
        await _writes.DisposeAsync();
    }
}
