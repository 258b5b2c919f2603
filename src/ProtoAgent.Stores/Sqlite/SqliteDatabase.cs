using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>One store's file: the only way to open, read and write one.</summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private const int MostIdleReaders = 4;

    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly string _store;
    private readonly string _path;
    private readonly SqliteSession _writing;
    private readonly WriteQueue _writes;
    private int _disposed;

    private SqliteDatabase(string store, string path, SqliteSession writing)
    {
        _store = store;
        _path = path;
        _writing = writing;
        _writes = new WriteQueue(writing, Translate, () => StoreErrors.Closed(store, path));
    }

    /// <summary>Why the last write failed; null when it didn't.</summary>
    public StoreException? Problem => _writes.Problem as StoreException;

    /// <summary>Opens, making or migrating the file as needed. Costs the same however much is stored.</summary>
    /// <exception cref="StoreException">Damaged, foreign, newer than this program, or not writable. The file is untouched.</exception>
    public static SqliteDatabase Open(InstancePaths paths, StoreSchema schema)
    {
        var path = paths.All.Single(p => p.Store == schema.Store).Path;
        try
        {
            Create(path);
            var session = SqliteSession.Open(path, readOnly: false);
            try
            {
                SchemaUpgrade.Run(session, schema, path);
                return new SqliteDatabase(schema.Store, path, session);
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }
        catch (SqliteException e)
        {
            throw StoreErrors.From(e, schema.Store, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(schema.Store, "store_read_only", $"{path} can't be made: {e.Message} Check the folder's owner and the disk.", e);
        }
    }

    /// <summary>Runs in a transaction with whatever else waits, and returns when that is committed.</summary>
    /// <param name="work">May run twice if the first transaction was lost; touches nothing but the session.</param>
    /// <param name="durable">Survives power loss, not only the death of the process.</param>
    /// <param name="cancellation">Heeded until the work begins; a write that has begun is not abandoned.</param>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, bool durable, CancellationToken cancellation) =>
        _writes.WriteAsync(work, durable, cancellation);

    /// <summary>Reads on the caller's thread: what is read is bounded and in memory as a rule.</summary>
    public T Read<T>(Func<SqliteSession, T> work)
    {
        if (Volatile.Read(ref _disposed) != 0)
        {
            throw StoreErrors.Closed(_store, _path);
        }

        try
        {
            if (!_readers.TryTake(out var session))
            {
                session = SqliteSession.Open(_path, readOnly: true);
            }

            T result;
            try
            {
                result = work(session);
            }
            catch
            {
                session.Dispose();
                throw;
            }

            if (_readers.Count < MostIdleReaders && Volatile.Read(ref _disposed) == 0)
            {
                _readers.Add(session);
            }
            else
            {
                session.Dispose();
            }

            return result;
        }
        catch (SqliteException e)
        {
            throw StoreErrors.From(e, _store, _path);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _writes.DisposeAsync();
        while (_readers.TryTake(out var session))
        {
            session.Dispose();
        }

        // The last connection to close writes the log back into the file and removes it.
        _writing.Dispose();
    }

    /// <summary>For this user only, before SQLite makes it for everybody; its -wal and -shm take the file's mode.</summary>
    private static void Create(string path)
    {
        AtomicFile.CreateFolder(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
        {
            new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
    }

    private Exception Translate(Exception e) => e is SqliteException sqlite ? StoreErrors.From(sqlite, _store, _path) : e;
}
