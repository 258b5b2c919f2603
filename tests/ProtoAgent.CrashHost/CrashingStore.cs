using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.CrashHost;

/// <summary>The real store; the process may die before and after everything that is asked of it.</summary>
internal sealed class CrashingStore(ICheckpointStore inner, Points points) : ICheckpointStore
{
    public StoreException? Problem => inner.Problem;

    public Task<TurnStart> BeginTurnAsync(NewTurn turn, CancellationToken cancellationToken = default) =>
        points.AroundAsync("begin", () => inner.BeginTurnAsync(turn, cancellationToken));

    public Task<long> AppendAsync(string turnId, long expectedHead, IReadOnlyList<NewStep> steps, CancellationToken cancellationToken = default) =>
        points.AroundAsync($"append {string.Join('+', steps.Select(s => s.Kind))}", () => inner.AppendAsync(turnId, expectedHead, steps, cancellationToken));

    public Task<TurnFinish> FinishTurnAsync(string turnId, long expectedHead, IReadOnlyList<NewStep> steps, TurnEnd end, CancellationToken cancellationToken = default) =>
        points.AroundAsync("finish", () => inner.FinishTurnAsync(turnId, expectedHead, steps, end, cancellationToken));

    public Task<long> ParkTurnAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, IReadOnlyList<NewApproval> approvals, CancellationToken cancellationToken = default) =>
        points.AroundAsync("park", () => inner.ParkTurnAsync(turnId, expectedHead, steps, approvals, cancellationToken));

    public Task<IReadOnlyList<TurnInfo>> UnfinishedTurnsAsync(CancellationToken cancellationToken = default) =>
        points.AroundAsync("looking for unfinished turns", () => inner.UnfinishedTurnsAsync(cancellationToken));

    public Task<TakenTurn?> TakeOverTurnAsync(string turnId, string runner, CancellationToken cancellationToken = default) =>
        points.AroundAsync("take over", () => inner.TakeOverTurnAsync(turnId, runner, cancellationToken));

    public Task ReleaseTurnAsync(string turnId, string runner, CancellationToken cancellationToken = default) => inner.ReleaseTurnAsync(turnId, runner, cancellationToken);

    public Task<TurnInfo?> InterruptTurnAsync(string turnId, CancellationToken cancellationToken = default) => inner.InterruptTurnAsync(turnId, cancellationToken);

    public Task<TurnInfo?> CancelWaitingTurnAsync(string turnId, NewStep note, TurnEnd end, CancellationToken cancellationToken = default) =>
        inner.CancelWaitingTurnAsync(turnId, note, end, cancellationToken);

    public Task<bool> SteerAsync(string threadId, string content, CancellationToken cancellationToken = default) => inner.SteerAsync(threadId, content, cancellationToken);

    public Task<long> TakeSteeringAsync(string turnId, long expectedHead, CancellationToken cancellationToken = default) =>
        inner.TakeSteeringAsync(turnId, expectedHead, cancellationToken);

    public Task<TurnInfo?> GetTurnAsync(string turnId, CancellationToken cancellationToken = default) => inner.GetTurnAsync(turnId, cancellationToken);

    public Task<TurnInfo?> GetOpenTurnAsync(string threadId, CancellationToken cancellationToken = default) => inner.GetOpenTurnAsync(threadId, cancellationToken);

    public Task<ThreadInfo?> GetThreadAsync(string threadId, CancellationToken cancellationToken = default) => inner.GetThreadAsync(threadId, cancellationToken);

    public Task<ThreadPage> ListThreadsAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default) => inner.ListThreadsAsync(limit, cursor, cancellationToken);

    public Task<IReadOnlyList<Step>> ReadStepsAsync(string threadId, long afterSeq = 0, int limit = int.MaxValue, CancellationToken cancellationToken = default) =>
        inner.ReadStepsAsync(threadId, afterSeq, limit, cancellationToken);

    public Task<IReadOnlyList<Step>> ReadContextAsync(string threadId, CancellationToken cancellationToken = default) =>
        points.AroundAsync("reading the thread", () => inner.ReadContextAsync(threadId, cancellationToken));

    public Task<ThreadInfo?> ForkThreadAsync(string threadId, string newId, long? step, CancellationToken cancellationToken = default) =>
        inner.ForkThreadAsync(threadId, newId, step, cancellationToken);

    public Task<ThreadInfo?> RewindThreadAsync(string threadId, long step, long? expectedHead = null, CancellationToken cancellationToken = default) =>
        inner.RewindThreadAsync(threadId, step, expectedHead, cancellationToken);

    public Task<bool> DeleteThreadAsync(string threadId, CancellationToken cancellationToken = default) => inner.DeleteThreadAsync(threadId, cancellationToken);

    public Task<long> DeleteThreadsBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => inner.DeleteThreadsBeforeAsync(before, cancellationToken);

    public Task<int> DeleteIncognitoThreadsAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => inner.DeleteIncognitoThreadsAsync(before, cancellationToken);

    public Task<long> CountThreadsAsync(CancellationToken cancellationToken = default) => inner.CountThreadsAsync(cancellationToken);

    public Task<IReadOnlyList<Approval>> ListApprovalsAsync(int limit, CancellationToken cancellationToken = default) => inner.ListApprovalsAsync(limit, cancellationToken);

    public Task<IReadOnlyList<Approval>> ApprovalsOfTurnAsync(string turnId, CancellationToken cancellationToken = default) => inner.ApprovalsOfTurnAsync(turnId, cancellationToken);

    public Task<DecisionTaken?> DecideApprovalAsync(string id, Decision decision, string? answer, CancellationToken cancellationToken = default) =>
        inner.DecideApprovalAsync(id, decision, answer, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
