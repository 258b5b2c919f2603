using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>
/// The one writer of a file in this process. Whatever waits when it comes round goes into one transaction. It has no thread
/// and no timer of its own: nothing runs while nothing is asked.
/// </summary>
internal sealed class WriteQueue : IAsyncDisposable
{
    /// <summary>How many writes wait before the next caller has to.</summary>
    public const int Capacity = 1024;

    /// <summary>How many writes share a transaction at most: what a sibling's write may have to wait for.</summary>
    public const int MaxBatch = 256;

    private readonly StoreFile _file;
    private readonly SqliteSchema _schema;
    private readonly ILogger _logger;
    private readonly Action _sessionSpoiled;
    private readonly Channel<WriteOperation> _waiting =
        Channel.CreateBounded<WriteOperation>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly Task _loop;
    private SqliteSession? _session;
    private Durability _synchronous = Durability.Process;
    private string? _trouble;
    private StoreException? _problem;
    private long _commits;

    /// <param name="session">As <see cref="SqliteOpening.OpenWriter"/> made it.</param>
    /// <param name="sessionSpoiled">Called when the connection is given up after an error, so that readers do the same.</param>
    public WriteQueue(StoreFile file, SqliteSchema schema, SqliteSession session, Action sessionSpoiled, ILogger logger)
    {
        _file = file;
        _schema = schema;
        _session = session;
        _sessionSpoiled = sessionSpoiled;
        _logger = logger;
        _loop = Task.Run(LoopAsync);
        StoreLoad.Opened(this, file.Store);
    }

    /// <summary>The trouble the last write met; null when it met none.</summary>
    public StoreException? Problem => Volatile.Read(ref _problem);

    /// <summary>Writes that wait.</summary>
    public int Waiting => _waiting.Reader.Count;

    /// <summary>Transactions committed since the start.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Completes once the transaction that holds the write is committed.</summary>
    /// <param name="body">May run more than once; its last run counts.</param>
    /// <param name="cancellationToken">Takes the write back while it waits; has no effect once it has started.</param>
    /// <exception cref="StoreException">Nothing of it was written.</exception>
    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> body, Durability durability, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var operation = new WriteOperation<T>(body, durability, cancellationToken);
        try
        {
            await _waiting.Writer.WriteAsync(operation, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw _file.Closed();
        }

        return await operation.Completion;
    }

    /// <summary>Takes no more, writes what waits, folds the WAL in if nobody else is at it, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        StoreLoad.Closed(this);
        _waiting.Writer.TryComplete();
        await _loop;
        if (Interlocked.Exchange(ref _session, null) is { } session)
        {
            session.TruncateWal();
            session.Dispose();
        }
    }

    private async Task LoopAsync()
    {
        var batch = new List<WriteOperation>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var operation))
            {
                if (operation.TryStart())
                {
                    batch.Add(operation);
                }
            }

            try
            {
                Write(batch);
            }
            catch (Exception e)
            {
                // A logger that throws, say. Nobody may wait for ever because of it; what is settled stays as it is.
                batch.ForEach(o => o.Fail(e));
            }
        }
    }

    /// <summary>
    /// One transaction for all. If it is lost as a whole (a full disk is met at the commit), each is tried alone: one that is
    /// too large must not take the others with it.
    /// </summary>
    private void Write(List<WriteOperation> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var failure = TryCommit(batch);
        if (failure is { WorthSplitting: true } && batch.Count > 1)
        {
            foreach (var operation in batch)
            {
                Settle([operation], TryCommit([operation]));
            }
        }
        else
        {
            Settle(batch, failure);
        }
    }

    private void Settle(List<WriteOperation> batch, LostTransaction? lost)
    {
        foreach (var operation in batch)
        {
            if (lost is null && operation.Error is null)
            {
                operation.Complete();
            }
            else
            {
                operation.Fail(_file.Explain(lost?.Error ?? operation.Error!));
            }
        }

        if (lost is null && batch.Exists(o => o.Error is SqliteFailure { SpoilsSession: true }))
        {
            GiveUpSession();
        }

        var error = lost?.Error ?? batch.Select(o => o.Error).FirstOrDefault(e => e is SqliteFailure);
        Report(error is null ? null : _file.Explain(error));
    }

    /// <summary>Null if the transaction is committed; each operation then says whether it is in it.</summary>
    private LostTransaction? TryCommit(List<WriteOperation> batch)
    {
        var begun = false;
        try
        {
            var session = Session();
            Synchronous(session, batch.Exists(o => o.Durability == Durability.Power) ? Durability.Power : Durability.Process);
            session.Execute("BEGIN IMMEDIATE");
            begun = true;
            foreach (var operation in batch)
            {
                operation.Attempt(session);
                if (!session.InTransaction)
                {
                    throw operation.Error ?? new InvalidOperationException("A write ended the transaction it ran in.");
                }
            }

            session.Execute("COMMIT");
            Interlocked.Increment(ref _commits);
            return null;
        }
        catch (Exception e)
        {
            Recover(e);
            return new LostTransaction(e, begun);
        }
    }

    private SqliteSession Session()
    {
        if (_session is { HasMoved: true })
        {
            throw _file.Moved();
        }

        if (_session is null)
        {
            _session = SqliteOpening.OpenWriter(_file, _schema, create: false);
            _synchronous = Durability.Process;
        }

        return _session;
    }

    private void Synchronous(SqliteSession session, Durability wanted)
    {
        if (wanted != _synchronous)
        {
            session.Run(wanted == Durability.Power ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
            _synchronous = wanted;
        }
    }

    /// <summary>Leaves no transaction open, and no connection that may be beyond help: the next batch opens a new one.</summary>
    private void Recover(Exception error)
    {
        var spoiled = error is StoreException or SqliteFailure { SpoilsSession: true };
        try
        {
            if (_session is { InTransaction: true } session)
            {
                session.Run("ROLLBACK");
            }
        }
        catch (SqliteFailure)
        {
            spoiled = true;
        }

        if (spoiled)
        {
            GiveUpSession();
        }
    }

    private void GiveUpSession()
    {
        _session?.Dispose();
        _session = null;
        _sessionSpoiled();
    }

    /// <summary>A trouble is logged when it begins and when it is over, not with each of a thousand writes.</summary>
    private void Report(Exception? error)
    {
        Volatile.Write(ref _problem, error as StoreException);
        var trouble = error is null ? null : (error as StoreException)?.Code ?? error.GetType().Name;
        if (trouble == _trouble)
        {
            return;
        }

        _trouble = trouble;
        if (error is null)
        {
            _logger.LogInformation("The store {Store} ({File}) can be written again.", _file.Store, _file.Path);
        }
        else
        {
            _logger.LogError(error, "{Message}", error.Message);
        }
    }

    private sealed record LostTransaction(Exception Error, bool WorthSplitting);
}
