namespace ProtoAgent.Stores.Sqlite;

/// <summary>
/// A few read-only connections, opened when first needed and kept with their prepared statements. Readers never wait for the
/// writer; each read sees one state of the file.
/// </summary>
internal sealed class ReadPool(StoreFile file) : IAsyncDisposable
{
    /// <summary>Reads at one time. More would only share the same cores.</summary>
    public const int Size = 4;

    private readonly SemaphoreSlim _free = new(Size, Size);
    private readonly Stack<SqliteSession> _idle = new(Size);
    private int _epoch;
    private bool _closed;

    /// <exception cref="StoreException">The file can't be read, or the store is closed.</exception>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> body, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return Read(body);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>After trouble with the file: the connections of before are not used again.</summary>
    public void Forget()
    {
        lock (_idle)
        {
            _epoch++;
            while (_idle.TryPop(out var session))
            {
                session.Dispose();
            }
        }
    }

    /// <summary>Waits for the reads under way and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_idle)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        for (var i = 0; i < Size; i++)
        {
            await _free.WaitAsync();
        }

        Forget();

        // Whoever waited meanwhile gets in and is told that it is closed; there is nothing unmanaged in the semaphore.
        _free.Release(Size);
    }

    private T Read<T>(Func<SqliteSession, T> body)
    {
        SqliteSession? session = null;
        try
        {
            (session, var epoch) = Rent();
            session.Execute("BEGIN");
            var result = body(session);
            session.Execute("COMMIT");
            Return(session, epoch);
            session = null;
            return result;
        }
        catch (SqliteFailure e)
        {
            throw file.Explain(e);
        }
        finally
        {
            // A read that threw is rare enough to pay for a new connection.
            session?.Dispose();
        }
    }

    private (SqliteSession Session, int Epoch) Rent()
    {
        lock (_idle)
        {
            if (_closed)
            {
                throw file.Closed();
            }

            if (_idle.TryPop(out var idle))
            {
                return (idle, _epoch);
            }
        }

        var epoch = Volatile.Read(ref _epoch);
        var session = SqliteSession.Open(file.Path, readOnly: true);
        try
        {
            session.Run("PRAGMA query_only=ON; PRAGMA cache_size=-512; PRAGMA temp_store=MEMORY");
        }
        catch
        {
            session.Dispose();
            throw;
        }

        return (session, epoch);
    }

    private void Return(SqliteSession session, int epoch)
    {
        lock (_idle)
        {
            if (epoch == _epoch)
            {
                _idle.Push(session);
                return;
            }
        }

        session.Dispose();
    }
}
