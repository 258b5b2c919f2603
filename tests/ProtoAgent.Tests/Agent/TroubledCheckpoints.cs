using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Tests.Agent;

/// <summary>The real store over a file of the test's own, with troubles to order.</summary>
internal sealed class TroubledCheckpoints(ICheckpointStore inner) : ICheckpointStore
{
    /// <summary>Thrown by the next call of that name, once.</summary>
    public Dictionary<string, Exception> Next { get; } = [];

    /// <summary>How many ends of turns can't be written.</summary>
    public int FailingFinishes { get; set; }

    /// <summary>How often <see cref="BeginTurnAsync"/> answers that another process is at the thread.</summary>
    public int BusyAnswers { get; set; }

    /// <summary>What a turn that parks waits for first.</summary>
    public Func<Task>? Parking { get; set; }

    /// <summary>Happens between the moment steering is in the thread and the one its turn knows.</summary>
    public Action? SteeringTaken { get; set; }

    /// <summary>Happens once, between the look at a thread and whatever its reader does next.</summary>
    public Func<Task>? ThreadRead { get; set; }

    public StoreException? Problem => inner.Problem;

    public Task<TurnStart> BeginTurnAsync(NewTurn turn, CancellationToken cancellationToken = default)
    {
        Fail(nameof(BeginTurnAsync));
        if (BusyAnswers-- > 0)
        {
            return Task.FromResult<TurnStart>(new TurnStart.Busy(
                new TurnInfo("other", turn.ThreadId, TurnStatus.Running, "another", "operator", "m", DateTimeOffset.UnixEpoch, null, null, null, null, null)));
        }

        return inner.BeginTurnAsync(turn, cancellationToken);
    }

    public Task<long> AppendAsync(string turnId, long expectedHead, IReadOnlyList<NewStep> steps, CancellationToken cancellationToken = default)
    {
        Fail(nameof(AppendAsync));
        return inner.AppendAsync(turnId, expectedHead, steps, cancellationToken);
    }

    public Task<TurnFinish> FinishTurnAsync(string turnId, long expectedHead, IReadOnlyList<NewStep> steps, TurnEnd end, CancellationToken cancellationToken = default)
    {
        Fail(nameof(FinishTurnAsync));
        if (FailingFinishes-- > 0)
        {
            throw new StoreException("checkpoints", "store_full", "no room");
        }

        return inner.FinishTurnAsync(turnId, expectedHead, steps, end, cancellationToken);
    }

    public async Task<long> ParkTurnAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, IReadOnlyList<NewApproval> approvals, CancellationToken cancellationToken = default)
    {
        await (Parking?.Invoke() ?? Task.CompletedTask);
        return await inner.ParkTurnAsync(turnId, expectedHead, steps, approvals, cancellationToken);
    }

    public Task<IReadOnlyList<TurnInfo>> UnfinishedTurnsAsync(CancellationToken cancellationToken = default) => inner.UnfinishedTurnsAsync(cancellationToken);

    public Task<TakenTurn?> TakeOverTurnAsync(string turnId, string runner, CancellationToken cancellationToken = default) =>
        inner.TakeOverTurnAsync(turnId, runner, cancellationToken);

    public Task ReleaseTurnAsync(string turnId, string runner, CancellationToken cancellationToken = default) => inner.ReleaseTurnAsync(turnId, runner, cancellationToken);

    public Task<TurnInfo?> InterruptTurnAsync(string turnId, CancellationToken cancellationToken = default) => inner.InterruptTurnAsync(turnId, cancellationToken);

    public Task<TurnInfo?> CancelWaitingTurnAsync(string turnId, NewStep note, TurnEnd end, CancellationToken cancellationToken = default) =>
        inner.CancelWaitingTurnAsync(turnId, note, end, cancellationToken);

    public Task<bool> SteerAsync(string threadId, string content, CancellationToken cancellationToken = default) => inner.SteerAsync(threadId, content, cancellationToken);

    public async Task<long> TakeSteeringAsync(string turnId, long expectedHead, CancellationToken cancellationToken = default)
    {
        var head = await inner.TakeSteeringAsync(turnId, expectedHead, cancellationToken);
        if (head != expectedHead)
        {
            SteeringTaken?.Invoke();
        }

        return head;
    }

    public Task<TurnInfo?> GetOpenTurnAsync(string threadId, CancellationToken cancellationToken = default) => inner.GetOpenTurnAsync(threadId, cancellationToken);

    public Task<IReadOnlyList<Step>> ReadContextAsync(string threadId, CancellationToken cancellationToken = default)
    {
        Fail(nameof(ReadContextAsync));
        return inner.ReadContextAsync(threadId, cancellationToken);
    }

    public Task<ThreadInfo?> ForkThreadAsync(string threadId, string newId, long? step, CancellationToken cancellationToken = default) =>
        inner.ForkThreadAsync(threadId, newId, step, cancellationToken);

    public Task<ThreadInfo?> RewindThreadAsync(string threadId, long step, long? expectedHead = null, CancellationToken cancellationToken = default) =>
        inner.RewindThreadAsync(threadId, step, expectedHead, cancellationToken);

    public Task<long> DeleteThreadsBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default) =>
        inner.DeleteThreadsBeforeAsync(before, cancellationToken);

    public Task<IReadOnlyList<Approval>> ListApprovalsAsync(int limit, CancellationToken cancellationToken = default) =>
        inner.ListApprovalsAsync(limit, cancellationToken);

    public Task<IReadOnlyList<Approval>> ApprovalsOfTurnAsync(string turnId, CancellationToken cancellationToken = default) =>
        inner.ApprovalsOfTurnAsync(turnId, cancellationToken);

    public Task<DecisionTaken?> DecideApprovalAsync(string id, Decision decision, string? answer, CancellationToken cancellationToken = default) =>
        inner.DecideApprovalAsync(id, decision, answer, cancellationToken);

    public async Task<ThreadInfo?> GetThreadAsync(string threadId, CancellationToken cancellationToken = default)
    {
        var thread = await inner.GetThreadAsync(threadId, cancellationToken);
        if (ThreadRead is { } meanwhile)
        {
            ThreadRead = null;
            await meanwhile();
        }

        return thread;
    }

    public Task<ThreadPage> ListThreadsAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default) => inner.ListThreadsAsync(limit, cursor, cancellationToken);

    public Task<IReadOnlyList<Step>> ReadStepsAsync(string threadId, long afterSeq = 0, int limit = int.MaxValue, CancellationToken cancellationToken = default) =>
        inner.ReadStepsAsync(threadId, afterSeq, limit, cancellationToken);

    public Task<TurnInfo?> GetTurnAsync(string turnId, CancellationToken cancellationToken = default) => inner.GetTurnAsync(turnId, cancellationToken);

    public Task<bool> DeleteThreadAsync(string threadId, CancellationToken cancellationToken = default) => inner.DeleteThreadAsync(threadId, cancellationToken);

    public Task<int> DeleteIncognitoThreadsAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => inner.DeleteIncognitoThreadsAsync(before, cancellationToken);

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
