namespace ProtoAgent.Stores.Sqlite;

/// <summary>Something to write, and whoever waits for it. It may be run again after a rollback, so it touches nothing but its session.</summary>
internal abstract class WriteOperation(bool durable)
{
    /// <summary>Must survive power loss: the commit waits for the disk.</summary>
    public bool Durable => durable;

    /// <summary>Runs it, and keeps the result until the commit.</summary>
    public abstract void Run(SqliteSession session);

    /// <summary>The commit is done: the result may be seen.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception exception);

    /// <summary>False if its caller gave up before it was begun; then it never is.</summary>
    public abstract bool TryBegin();
}

internal sealed class WriteOperation<T> : WriteOperation
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<SqliteSession, T> _work;
    private readonly CancellationToken _cancellation;
    private T? _result;

    public WriteOperation(Func<SqliteSession, T> work, bool durable, CancellationToken cancellation)
        : base(durable)
    {
        _work = work;
        _cancellation = cancellation;
    }

    public Task<T> Task => _done.Task;

    public override void Run(SqliteSession session) => _result = _work(session);

    public override void Complete() => _done.TrySetResult(_result!);

    public override void Fail(Exception exception) => _done.TrySetException(exception);

    public override bool TryBegin()
    {
        if (!_cancellation.IsCancellationRequested)
        {
            return true;
        }

        _done.TrySetCanceled(_cancellation);
        return false;
    }
}
