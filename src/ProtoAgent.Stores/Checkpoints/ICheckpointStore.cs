namespace ProtoAgent.Stores.Checkpoints;

/// <summary>
/// Conversations. A thread is an append-only sequence of steps, numbered from 1 without gaps; a turn is the run that
/// wrote some of them. Every method is durable when its task completes: in the file for a step, on the disk (fsync) for
/// the end of a turn.
/// </summary>
public interface ICheckpointStore : IAsyncDisposable
{
    /// <summary>
    /// Starts a turn: creates the thread if there is none, records the turn as running and appends its first steps, all
    /// or nothing. At most one turn runs on a thread, whichever process asks; a running turn whose process is dead is
    /// marked interrupted and is no obstacle.
    /// </summary>
    Task<TurnStart> BeginTurnAsync(NewTurn turn, CancellationToken cancellationToken = default);

    /// <summary>Appends steps behind <paramref name="expectedHead"/> and returns the new head.</summary>
    /// <exception cref="StaleStepException">The thread's head is another, or the turn no longer runs: nothing was written.</exception>
    Task<long> AppendAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, CancellationToken cancellationToken = default);

    /// <summary>Appends the last steps of a turn, if any, and ends it, in one transaction that survives power loss.</summary>
    /// <exception cref="StaleStepException">As for <see cref="AppendAsync"/>.</exception>
    Task<long> FinishTurnAsync(
        string turnId, long expectedHead, IReadOnlyList<NewStep> steps, TurnEnd end, CancellationToken cancellationToken = default);

    /// <summary>
    /// Marks the running turns of dead processes interrupted and returns them. Costs by the number of running turns, not
    /// by the amount of stored data.
    /// </summary>
    Task<IReadOnlyList<TurnInfo>> InterruptDeadTurnsAsync(CancellationToken cancellationToken = default);

    Task<ThreadInfo?> GetThreadAsync(string threadId, CancellationToken cancellationToken = default);

    /// <summary>Newest first.</summary>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cursor">The <see cref="ThreadPage.Next"/> of the page before; null for the first.</param>
    Task<ThreadPage> ListThreadsAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default);

    /// <summary>The steps behind <paramref name="afterSeq"/>, oldest first.</summary>
    Task<IReadOnlyList<Step>> ReadStepsAsync(
        string threadId, long afterSeq = 0, int limit = int.MaxValue, CancellationToken cancellationToken = default);

    Task<TurnInfo?> GetTurnAsync(string turnId, CancellationToken cancellationToken = default);

    /// <summary>Removes the thread, its steps and its turns. False if there was none.</summary>
    /// <exception cref="ThreadBusyException">A live turn runs on it.</exception>
    Task<bool> DeleteThreadAsync(string threadId, CancellationToken cancellationToken = default);

    /// <summary>Why the last write failed; null when it did not.</summary>
    StoreException? Problem { get; }

    /// <summary>How many threads there are.</summary>
    Task<long> CountThreadsAsync(CancellationToken cancellationToken = default);
}
