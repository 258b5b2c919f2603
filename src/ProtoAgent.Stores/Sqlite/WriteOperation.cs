namespace ProtoAgent.Stores.Sqlite;

/// <summary>What an acknowledged write has survived.</summary>
internal enum Durability
{
    /// <summary>The death of this process, <c>kill -9</c> included. A power cut may take the last moments.</summary>
    Process,

    /// <summary>Power loss: on the disk (fsync) before the caller goes on.</summary>
    Power,
}

/// <summary>One caller's write: waits in the queue, is started or cancelled, and ends with the transaction that holds it.</summary>
internal abstract class WriteOperation(Durability durability)
{
    private const int Waiting = 0;
    private const int Started = 1;
    private const int Cancelled = 2;

    private int _state;

    public Durability Durability { get; } = durability;

    /// <summary>Why the last attempt came to nothing; null if it went through, up to the commit.</summary>
    public Exception? Error { get; private set; }

    /// <summary>False if it was cancelled while it waited. From here on it is carried to its end.</summary>
    public bool TryStart() => Interlocked.CompareExchange(ref _state, Started, Waiting) == Waiting;

    /// <summary>Runs inside its savepoint; whatever goes wrong takes back only this. May run again after a rollback.</summary>
    public void Attempt(SqliteSession session)
    {
        Error = null;
        try
        {
            session.Execute("SAVEPOINT op");
            Run(session);
            session.Execute("RELEASE op");
        }
        catch (Exception e)
        {
            Error = e;
            if (session.InTransaction)
            {
                session.Run("ROLLBACK TO op; RELEASE op");
            }
        }
    }

    public abstract void Complete();

    public abstract void Fail(Exception error);

    protected bool TryCancel() => Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting;

    protected abstract void Run(SqliteSession session);
}

internal sealed class WriteOperation<T> : WriteOperation
{
    private readonly Func<SqliteSession, T> _body;
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _cancellation;
    private T _result = default!;

    public WriteOperation(Func<SqliteSession, T> body, Durability durability, CancellationToken cancellationToken)
        : base(durability)
    {
        _body = body;
        _cancellation = cancellationToken.UnsafeRegister(
            static (operation, token) =>
            {
                var self = (WriteOperation<T>)operation!;
                if (self.TryCancel())
                {
                    self._done.TrySetCanceled(token);
                }
            },
            this);
    }

    public Task<T> Completion => _done.Task;

    public override void Complete()
    {
        _cancellation.Unregister();
        _done.TrySetResult(_result);
    }

    public override void Fail(Exception error)
    {
        _cancellation.Unregister();
        _done.TrySetException(error);
    }

    protected override void Run(SqliteSession session) => _result = _body(session);
}
