using System.Collections.Concurrent;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>
/// Runs a turn once, however often it is asked for: begun, gone on with, or ended before. For callers that come back after a
/// crash and must not do again what was done.
/// </summary>
public sealed class TurnOnce
{
    /// <summary>How many of a thread's last steps are looked through for a reply.</summary>
    private const int Tail = 200;

    /// <summary>Another process of the same root can't tell us that its turn has ended: it is looked at, ever more seldom.</summary>
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    /// <summary>The same for a turn that waits for a person, who may have decided there.</summary>
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMinutes(1);

    private readonly TurnRunner _runner;
    private readonly ICheckpointStore _checkpoints;
    private readonly string _self;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _parked = new(StringComparer.Ordinal);

    internal TurnOnce(TurnRunner runner, TurnServices services)
    {
        _runner = runner;
        _checkpoints = services.Checkpoints;
        _self = services.Runner;
        _time = services.Time;
    }

    /// <summary>Until the turn of that id has ended, or waits for a person.</summary>
    /// <param name="request">Names its thread: the one it begins on. A turn there is stays where it is.</param>
    /// <param name="cancelled">Cancels the turn too.</param>
    public async Task<TurnOutcome> RunAsync(TurnRequest request, string turnId, CancellationToken cancelled)
    {
        var threadId = request.ThreadId ?? throw new ArgumentException("A turn that may be asked for again names its thread.", nameof(request));
        TurnEvent.Failed? failed = null;
        string? reply = null;
        var pause = s_shortestPause;
        while (true)
        {
            var turn = await _checkpoints.GetTurnAsync(turnId, cancelled);
            threadId = turn?.ThreadId ?? threadId;
            if (turn is { FinishedAt: not null })
            {
                return new TurnOutcome(turn.Status, turn.ErrorCode, turn.ErrorMessage)
                {
                    ThreadId = threadId,
                    IsRecorded = true,
                    Reply = reply ?? (turn.Status == TurnStatus.Done ? await ReplyAsync(turn, cancelled) : null),
                };
            }

            if (turn is { Status: TurnStatus.Waiting } && !(await _checkpoints.UnfinishedTurnsAsync(cancelled)).Any(t => t.Id == turnId))
            {
                return new TurnOutcome(TurnStatus.Waiting) { ThreadId = threadId, IsRecorded = true };
            }

            if (failed is not null)
            {
                if (turn is not { Status: TurnStatus.Running } || turn.Runner == _self || failed.Code != "thread_conflict")
                {
                    // It did not begin, or its end could not be written.
                    return new TurnOutcome(TurnStatus.Failed, failed.Code, failed.Message) { ThreadId = threadId };
                }

                await Task.Delay(pause, _time, cancelled);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }

            var handle = _runner.Running(threadId, turnId) ?? (turn is null ? _runner.Start(request, threadId, turnId) : _runner.Resume(turn, wanted: true));
            await using var hangUp = cancelled.Register(handle.Cancel);
            var end = await handle.Completion;
            failed = end as TurnEvent.Failed;
            reply = (end as TurnEvent.Completed)?.Reply;
            cancelled.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Until a turn that waited for a person waits no more: it was gone on with and has ended, or waits again.</summary>
    public async Task ParkedAsync(string turnId, CancellationToken cancelled)
    {
        var signal = _parked.GetOrAdd(turnId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            while (await _checkpoints.GetTurnAsync(turnId, cancelled) is { Status: TurnStatus.Waiting } && !signal.Task.IsCompleted)
            {
                await Task.WhenAny(signal.Task, Task.Delay(s_lookAgain, _time, cancelled));
                cancelled.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            _parked.TryRemove(KeyValuePair.Create(turnId, signal));
        }
    }

    /// <summary>A turn was run to an end here, or to where it waits; or was ended without being run.</summary>
    internal void Told(string turnId)
    {
        if (_parked.TryGetValue(turnId, out var signal))
        {
            signal.TrySetResult();
        }
    }

    private async Task<string?> ReplyAsync(TurnInfo turn, CancellationToken cancelled)
    {
        var head = (await _checkpoints.GetThreadAsync(turn.ThreadId, cancelled))?.Head ?? 0;
        return (await _checkpoints.ReadStepsAsync(turn.ThreadId, Math.Max(0, head - Tail), cancellationToken: cancelled))
            .LastOrDefault(s => s.TurnId == turn.Id && s.Kind == StepKind.Assistant) is { } last ? StepContent.Parse(last.Content).Text : null;
    }
}

/// <summary>How a turn ended, or that it waits for a person.</summary>
/// <param name="ErrorCode">See <see cref="TurnEvent.Failed"/>; null for one that is done or waits.</param>
public sealed record TurnOutcome(TurnStatus Status, string? ErrorCode = null, string? ErrorMessage = null)
{
    /// <summary>Where it ran, or was to.</summary>
    public string? ThreadId { get; init; }

    /// <summary>It stands so in the file. Else it did not begin, or is left for whoever comes next.</summary>
    public bool IsRecorded { get; init; }

    /// <summary>Of one that is done; null if it can't be found any more.</summary>
    public string? Reply { get; init; }
}
