using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Tests.Agent;

/// <summary>The real store over a file of the test's own, with troubles to order.</summary>
internal sealed class TroubledCheckpoints(ICheckpointStore inner) : ICheckpointStore
{
    /// <summary>Thrown by the next call of that name, once.</summary>
    public Dictionary<string, Exception> Next { get; } = [];

    /// <summary>How often <see cref="BeginTurnAsync"/> answers that another process is at the thread.</summary>
    public int BusyAnswers { get; set; }

    /// <summary>Set when a call was answered with busy.</summary>
    public SemaphoreSlim Busy { get; } = new(0);

    public StoreException? Problem => inner.Problem;

    public Task<TurnStart> BeginTurnAsync(NewTurn turn, CancellationToken cancellationToken = default)
    {
        Fail(nameof(BeginTurnAsync));
        if (BusyAnswers-- > 0)
        {
            Busy.Release();
            return Task.FromResult<TurnStart>(new TurnStart.Busy(
                new TurnInfo("other", turn.ThreadId, TurnStatus.Running, "another", "operator", "m", DateTimeOffset.UnixEpoch, null, null, null, null, null)));
        }

        return inner.BeginTurnAsync(turn, cancellationToken);
    }

    public Task<long> AppendAsync(string turnId, long expectedHead, IReadOnlyList<NewStep> steps, CancellationToken cancellationToken = default) =>
        inner.AppendAsync(turnId, expectedHead, steps, cancellationToken);

    public Task<long> FinishTurnAsync(string turnId, long expectedHead, IReadOnlyList<NewStep> steps, TurnEnd end, CancellationToken cancellationToken = default)
    {
        Fail(nameof(FinishTurnAsync));
        return inner.FinishTurnAsync(turnId, expectedHead, steps, end, cancellationToken);
    }

    public Task<IReadOnlyList<TurnInfo>> InterruptDeadTurnsAsync(CancellationToken cancellationToken = default) => inner.InterruptDeadTurnsAsync(cancellationToken);

    public Task<ThreadInfo?> GetThreadAsync(string threadId, CancellationToken cancellationToken = default) => inner.GetThreadAsync(threadId, cancellationToken);

    public Task<ThreadPage> ListThreadsAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default) => inner.ListThreadsAsync(limit, cursor, cancellationToken);

    public Task<IReadOnlyList<Step>> ReadStepsAsync(string threadId, long afterSeq = 0, int limit = int.MaxValue, CancellationToken cancellationToken = default)
    {
        Fail(nameof(ReadStepsAsync));
        return inner.ReadStepsAsync(threadId, afterSeq, limit, cancellationToken);
    }

    public Task<TurnInfo?> GetTurnAsync(string turnId, CancellationToken cancellationToken = default) => inner.GetTurnAsync(turnId, cancellationToken);

    public Task<bool> DeleteThreadAsync(string threadId, CancellationToken cancellationToken = default) => inner.DeleteThreadAsync(threadId, cancellationToken);

    public Task<long> CountThreadsAsync(CancellationToken cancellationToken = default) => inner.CountThreadsAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private void Fail(string call)
    {
        if (Next.Remove(call, out var error))
        {
            throw error;
        }
    }
}
