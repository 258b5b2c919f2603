using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>
/// Runs a turn once, however often it is asked for: begun, gone on with, or ended before. For callers that come back after a
/// crash and must not do again what was done.
/// </summary>
public sealed class TurnOnce
{
    private readonly TurnRunner _runner;
    private readonly ICheckpointStore _checkpoints;

    internal TurnOnce(TurnRunner runner, ICheckpointStore checkpoints)
    {
        _runner = runner;
        _checkpoints = checkpoints;
    }

    /// <summary>Until the turn of that id has ended, or waits for a person.</summary>
    /// <param name="request">Names its thread.</param>
    public async Task<TurnOutcome> RunAsync(TurnRequest request, string turnId, CancellationToken cancelled)
    {
        var threadId = request.ThreadId ?? throw new ArgumentException("A turn that may be asked for again names its thread.", nameof(request));
        TurnEvent.Failed? failed = null;
        while (true)
        {
            var turn = await _checkpoints.GetTurnAsync(turnId, cancelled);
            if (turn is { FinishedAt: not null })
            {
                return new TurnOutcome(turn.Status, turn.ErrorCode, turn.ErrorMessage);
            }

            if (turn is { Status: TurnStatus.Waiting } && !(await _checkpoints.UnfinishedTurnsAsync(cancelled)).Any(t => t.Id == turnId))
            {
                return new TurnOutcome(TurnStatus.Waiting);
            }

            if (failed is not null)
            {
                // Nothing of it is recorded: it did not begin, or another process runs it.
                return new TurnOutcome(TurnStatus.Failed, failed.Code, failed.Message);
            }

            var handle = _runner.Running(threadId, turnId) ?? (turn is null ? _runner.Start(request, threadId, turnId) : _runner.Resume(turn, wanted: true));
            await using var hangUp = cancelled.Register(handle.Cancel);
            failed = await handle.Completion as TurnEvent.Failed;
            cancelled.ThrowIfCancellationRequested();
        }
    }
}

/// <summary>How a turn ended, or that it waits for a person.</summary>
/// <param name="ErrorCode">See <see cref="TurnEvent.Failed"/>; null for one that is done or waits.</param>
public sealed record TurnOutcome(TurnStatus Status, string? ErrorCode = null, string? ErrorMessage = null);
