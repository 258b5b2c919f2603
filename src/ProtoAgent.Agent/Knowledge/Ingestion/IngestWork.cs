using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge.Ingestion;

/// <summary>An ingest of this process, and how it stands.</summary>
public sealed class IngestWork
{
    private readonly CancellationTokenSource _cancelling;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Ingest _state;

    internal IngestWork(Ingest state, IngestRequest request, CancellationToken stopping)
    {
        _state = state;
        Request = request;
        _cancelling = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    }

    public Ingest State
    {
        get => _state;
        internal set => _state = value;
    }

    /// <summary>The document in work, and how many of its pieces are done; null between documents.</summary>
    public DocumentProgress? Document { get; internal set; }

    /// <summary>Ends when it is over, however.</summary>
    public Task Ended => _ended.Task;

    internal IngestRequest Request { get; }

    internal CancellationToken Cancelled => _cancelling.Token;

    internal bool IsCancelled => _cancelling.IsCancellationRequested;

    internal void Cancel() => _cancelling.Cancel();

    internal void End() => _ended.TrySetResult();
}

public sealed record DocumentProgress(string Source, int Pieces, int AllPieces);
