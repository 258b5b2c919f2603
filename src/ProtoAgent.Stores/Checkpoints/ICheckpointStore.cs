namespace ProtoAgent.Stores.Checkpoints;

/// <summary>
/// Conversations. A thread is an append-only sequence of steps, numbered from 1 without gaps; a turn is the run that
/// wrote some of them. Every method is durable when its task completes: in the file for a step, on the disk (fsync) for
/// the end of a turn, for what a person decided and for what was deleted.
/// </summary>
public interface ICheckpointStore : IAsyncDisposable
{
    /// <summary>
    /// Starts a turn: creates the thread if there is none, records the turn as running and appends its first steps, all
    /// or nothing. At most one turn runs or waits on a thread, whichever process asks.
    /// </summary>
    Task<TurnStart> BeginTurnAsync(NewTurn turn, CancellationToken cancellationToken = default);

    /// <summary>Appends steps behind <paramref name="expectedHead"/> and returns the new head.</summary>
    /// <exception cref="StaleStepException">The thread's head is another, or the turn no longer runs: nothing was written.</exception>
    Task<long> AppendAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, CancellationToken cancellationToken = default);

    /// <summary>
    /// Appends the last steps of a turn, if any, and ends it, in one transaction that survives power loss. A turn that is
    /// done and was steered meanwhile is not ended: see <see cref="TurnFinish.Steered"/>.
    /// </summary>
    /// <exception cref="StaleStepException">As for <see cref="AppendAsync"/>.</exception>
    Task<TurnFinish> FinishTurnAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, TurnEnd end, CancellationToken cancellationToken = default);

    /// <summary>Appends steps and lets the turn wait for the approvals; for a subagent, if there are none. No process runs it then.</summary>
    /// <exception cref="StaleStepException">As for <see cref="AppendAsync"/>.</exception>
    Task<long> ParkTurnAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, IReadOnlyList<NewApproval> approvals, CancellationToken cancellationToken = default);

    /// <summary>
    /// Turns nobody works on: running ones of dead processes, and waiting ones for which everything is decided. Costs by the
    /// number of open turns, not by the amount of stored data.
    /// </summary>
    Task<IReadOnlyList<TurnInfo>> UnfinishedTurnsAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes an unfinished turn the runner's. Null when it is not unfinished any more, or another was first.</summary>
    Task<TakenTurn?> TakeOverTurnAsync(string turnId, string runner, CancellationToken cancellationToken = default);

    /// <summary>The runner leaves a running turn to the next start, in good order: it does not count among those that died in it.</summary>
    Task ReleaseTurnAsync(string turnId, string runner, CancellationToken cancellationToken = default);

    /// <summary>Ends a dead process's running turn as interrupted. Null when it is none.</summary>
    Task<TurnInfo?> InterruptTurnAsync(string turnId, CancellationToken cancellationToken = default);

    /// <summary>Ends a turn that waits. Null when it does not.</summary>
    Task<TurnInfo?> CancelWaitingTurnAsync(string turnId, NewStep note, TurnEnd end, CancellationToken cancellationToken = default);

    /// <summary>Says something to the turn that runs or waits on the thread. False when none does.</summary>
    /// <param name="content">Of a user's step.</param>
    Task<bool> SteerAsync(string threadId, string content, CancellationToken cancellationToken = default);

    /// <summary>Moves what was said to the turn into its thread, if anything was, and returns the head.</summary>
    /// <exception cref="StaleStepException">As for <see cref="AppendAsync"/>.</exception>
    Task<long> TakeSteeringAsync(string turnId, long expectedHead, CancellationToken cancellationToken = default);

    Task<TurnInfo?> GetTurnAsync(string turnId, CancellationToken cancellationToken = default);

    /// <summary>The turn that runs or waits on the thread.</summary>
    Task<TurnInfo?> GetOpenTurnAsync(string threadId, CancellationToken cancellationToken = default);

    Task<ThreadInfo?> GetThreadAsync(string threadId, CancellationToken cancellationToken = default);

    /// <summary>Newest first, without the threads of subagents and incognito ones.</summary>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cursor">The <see cref="ThreadPage.Next"/> of the page before; null for the first.</param>
    Task<ThreadPage> ListThreadsAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default);

    /// <summary>The steps behind <paramref name="afterSeq"/>, oldest first.</summary>
    Task<IReadOnlyList<Step>> ReadStepsAsync(
        string threadId, long afterSeq = 0, int limit = int.MaxValue, CancellationToken cancellationToken = default);

    /// <summary>The steps that stand for the thread: the last summary first, if there is one, then those it does not stand for.</summary>
    Task<IReadOnlyList<Step>> ReadContextAsync(string threadId, CancellationToken cancellationToken = default);

    /// <summary>A new thread of the first steps of another. Null if there is no such thread.</summary>
    /// <param name="step">The last one taken; null for all.</param>
    /// <exception cref="StaleStepException">There is no such step, or the new id is taken.</exception>
    Task<ThreadInfo?> ForkThreadAsync(string threadId, string newId, long? step, CancellationToken cancellationToken = default);

    /// <summary>Removes the steps behind that one. Null if there is no such thread.</summary>
    /// <param name="expectedHead">The thread's last step as the caller knows it; null if that does not matter.</param>
    /// <exception cref="StaleStepException">There is no such step, or the thread has moved.</exception>
    /// <exception cref="ThreadBusyException">A turn runs or waits on it.</exception>
    Task<ThreadInfo?> RewindThreadAsync(string threadId, long step, long? expectedHead = null, CancellationToken cancellationToken = default);

    /// <summary>Removes the thread, its steps, its turns and their subagents' threads. False if there was none.</summary>
    /// <exception cref="ThreadBusyException">A live turn runs on it.</exception>
    Task<bool> DeleteThreadAsync(string threadId, CancellationToken cancellationToken = default);

    /// <summary>Removes threads not touched since then, without those a turn runs or waits on; how many.</summary>
    Task<long> DeleteThreadsBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken = default);

    /// <summary>Removes incognito threads not touched since then, without those a turn runs or waits on; how many.</summary>
    Task<int> DeleteIncognitoThreadsAsync(DateTimeOffset before, CancellationToken cancellationToken = default);

    /// <summary>How many threads there are.</summary>
    Task<long> CountThreadsAsync(CancellationToken cancellationToken = default);

    /// <summary>What waits for a person, oldest first.</summary>
    /// <param name="limit">1 to 500.</param>
    Task<IReadOnlyList<Approval>> ListApprovalsAsync(int limit, CancellationToken cancellationToken = default);

    /// <summary>All approvals of a turn, decided or not.</summary>
    Task<IReadOnlyList<Approval>> ApprovalsOfTurnAsync(string turnId, CancellationToken cancellationToken = default);

    /// <summary>Decides; the first decision stands. Null if there is no such approval.</summary>
    Task<DecisionTaken?> DecideApprovalAsync(string id, Decision decision, string? answer, CancellationToken cancellationToken = default);

    /// <summary>Why the last write failed; null when it did not.</summary>
    StoreException? Problem { get; }
}
