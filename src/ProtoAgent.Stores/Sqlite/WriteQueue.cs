using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>
/// The one writer of a file. What waits is committed together, so that many callers share one commit; nothing waits for
/// others to come. See README.md in this folder.
/// </summary>
internal sealed class WriteQueue : IAsyncDisposable
{
    private const int Capacity = 4096;
    private const int LargestBatch = 256;

    private readonly Channel<WriteOperation> _waiting = Channel.CreateBounded<WriteOperation>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly SqliteSession _session;
    private readonly Func<Exception, Exception> _translate;
    private readonly Func<Exception> _closed;
    private readonly Task _writer;
    private bool _full;

    /// <param name="translate">An error of SQLite's as one of ours.</param>
    /// <param name="closed">What a caller gets who comes after the end.</param>
    public WriteQueue(SqliteSession session, Func<Exception, Exception> translate, Func<Exception> closed)
    {
        _session = session;
        _translate = translate;
        _closed = closed;
        _writer = Task.Run(WriteAllAsync);
    }

    /// <summary>The last commit's error; null when the last one went well.</summary>
    public Exception? Problem { get; private set; }

    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, bool durable, CancellationToken cancellation)
    {
        var operation = new WriteOperation<T>(work, durable, cancellation);
        try
        {
            await _waiting.Writer.WriteAsync(operation, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw _closed();
        }

        return await operation.Task;
    }

    /// <summary>Writes what has been accepted, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writer;
    }

    private async Task WriteAllAsync()
    {
        var batch = new List<WriteOperation>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < LargestBatch && _waiting.Reader.TryRead(out var next))
            {
                if (next.TryBegin())
                {
                    batch.Add(next);
                }
            }

            if (batch.Count > 0)
            {
                Commit(batch);
                batch.Clear();
            }
        }
    }

    private void Commit(List<WriteOperation> batch)
    {
        var failed = new Dictionary<WriteOperation, Exception>();
        try
        {
            Transact(batch, failed);
        }
        catch (Exception e)
        {
            Rollback();
            if (batch.Count == 1)
            {
                Problem = _translate(e);
                batch[0].Fail(Problem);
                return;
            }

            // The whole batch was lost to one of them, or to the disk: each on its own account.
            foreach (var operation in batch)
            {
                Commit([operation]);
            }

            return;
        }

        Problem = null;
        foreach (var operation in batch)
        {
            if (failed.TryGetValue(operation, out var error))
            {
                operation.Fail(error);
            }
            else
            {
                operation.Complete();
            }
        }
    }

    private void Transact(List<WriteOperation> batch, Dictionary<WriteOperation, Exception> failed)
    {
        Synchronise(batch.Exists(o => o.Durable));
        _session.Execute("BEGIN IMMEDIATE");
        foreach (var operation in batch)
        {
            _session.Execute("SAVEPOINT operation");
            try
            {
                operation.Run(_session);
            }
            catch (Exception e) when (e is not SqliteException || _session.InTransaction)
            {
                // Its own failure, and the transaction stands: the others are not concerned.
                failed[operation] = e is SqliteException ? _translate(e) : e;
                _session.Execute("ROLLBACK TO operation");
            }

            _session.Execute("RELEASE operation");
        }

        _session.Execute("COMMIT");
    }

    /// <summary>FULL waits for the disk at each commit, NORMAL only at a checkpoint; either survives the death of the process.</summary>
    private void Synchronise(bool full)
    {
        if (full != _full)
        {
            _session.Execute(full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _full = full;
        }
    }

    private void Rollback()
    {
        try
        {
            if (_session.InTransaction)
            {
                _session.Execute("ROLLBACK");
            }
        }
        catch (SqliteException)
        {
            // SQLite rolled back by itself; there is nothing left to undo.
        }
    }
}
