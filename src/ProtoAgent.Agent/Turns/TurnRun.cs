using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>One run of a turn in this process: begins it or takes it over, and records how it ended.</summary>
/// <param name="settle">Deals with a turn a dead process left on the thread.</param>
/// <param name="refusing">The instance stops: what has not begun does not begin.</param>
internal sealed partial class TurnRun(
    TurnServices services,
    TurnPlan plan,
    ChannelWriter<TurnEvent> events,
    Func<TurnInfo, Task> settle,
    CancellationToken refusing)
{
    /// <summary>Processes that may die in one turn before it counts as what kills them.</summary>
    private const int MostAttempts = 3;

    /// <summary>How long a turn waits for another process's turn on its thread.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_toolsWait = TimeSpan.FromSeconds(20);

    private readonly NewTurn _turn = plan.Turn;
    private readonly TimeSpan _bound = plan.Request.Timeout is { } own && own < services.Options.Timeout ? own : services.Options.Timeout;
    private readonly long _accepted = services.Time.GetTimestamp();
    private TurnThread? _thread;

    /// <summary>The thread's last step once the turn is in the file: from then on its end is too.</summary>
    private long? _head;

    /// <summary>Runs to the end, which is always the last event. Never throws.</summary>
    /// <param name="taken">Null for a turn that has yet to begin.</param>
    /// <param name="cancelled">Of this turn alone, or of all when the instance stops.</param>
    /// <param name="stopping">The instance stops and its patience is over.</param>
    public async Task<TurnEvent> RunAsync(TakenTurn? taken, CancellationToken cancelled, CancellationToken stopping)
    {
        // Also of a turn that waited in a queue, or was begun by a process that died.
        (TraceContext.Caller, TurnHops.Current) = (plan.Request.Trace, plan.Request.Hops);
        var watch = new TurnWatch(services, plan, taken?.Turn);
        using var late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, services.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(cancelled, late.Token);
        TurnEvent end;
        try
        {
            _head = taken?.Head ?? await BeginAsync(any.Token);
            _thread = await TurnThread.LoadAsync(services.Checkpoints, _turn.ThreadId, _turn.TurnId, _head.Value, any.Token);
            if (taken is { Turn.Attempts: > MostAttempts })
            {
                throw new TurnException("turn_crashes", $"{MostAttempts} processes died in this turn; it is not tried again. The instance's log before each of its starts may say why.");
            }

            var left = _bound - (taken?.Turn.Worked ?? TimeSpan.Zero);
            if (taken is not null)
            {
                await ToolsAsync(any.Token);
            }

            late.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            events.TryWrite(new TurnEvent.Started(_turn.ThreadId, _turn.TurnId, _turn.Model));
            end = await new TurnLoop(services, plan, _thread, watch, events).RunAsync(any.Token);
            LogEnd(end);
            if (end is TurnEvent.Completed done)
            {
                Ended(TurnStatus.Done, done.Reply);
            }
        }
        catch (Exception e)
        {
            var failed = Explain(e, cancelled, late.Token, stopping);
            LogFailed(services.Logger, failed.Code == "internal" ? e : null, _turn.ThreadId, _turn.TurnId, failed.Code, failed.Message, Milliseconds());
            await RecordAsync(failed);
            end = failed;
        }

        watch.Ended(end, _thread);
        events.TryWrite(end);
        events.TryComplete();
        _thread?.Dispose();
        return end;
    }

    /// <summary>A turn that is gone on with may have calls of tools that come a moment after the start.</summary>
    private async Task ToolsAsync(CancellationToken cancelled)
    {
        try
        {
            await services.Tools.SettledAsync().WaitAsync(s_toolsWait, services.Time, cancelled);
        }
        catch (TimeoutException)
        {
            LogToolsLate(services.Logger, _turn.TurnId, s_toolsWait.TotalSeconds);
        }
    }

    /// <summary>Puts the turn and the question into the thread, once no other turn is open on it; the thread's head then.</summary>
    private async Task<long> BeginAsync(CancellationToken cancelled)
    {
        if (refusing.IsCancellationRequested && plan.Request.Subagent is null)
        {
            throw new TurnRejectedException("shutting_down", "The instance is stopping; this turn had not begun. Try again when it is back.");
        }

        var begin = _turn with { Steps = FirstSteps.Of(plan.Request, isNew: await services.Checkpoints.GetThreadAsync(_turn.ThreadId, cancelled) is null) };
        var pause = s_shortestPause;
        while (true)
        {
            switch (await services.Checkpoints.BeginTurnAsync(begin, cancelled))
            {
                case TurnStart.Started started:
                    return started.Head;
                case TurnStart.Moved moved:
                    throw new TurnException("thread_conflict", $"The thread '{_turn.ThreadId}' is at step {moved.Head}, not {_turn.ExpectedHead}: something was said there meanwhile. Read it, and ask again.");
                case TurnStart.Waiting waiting:
                    throw new TurnException("thread_waiting", $"The turn '{waiting.Turn.Id}' of the thread '{_turn.ThreadId}' waits for a person. Decide what GET /api/approvals shows of it, or cancel it; then ask again.");
                case TurnStart.Abandoned abandoned:
                    await settle(abandoned.Turn);
                    continue;
                case TurnStart.Busy { Running: var own } when own.Runner == services.Runner:
                    // One at a time runs on a thread here, and now it is this one: the end of that one could not be written.
                    await EndLeftAsync(own);
                    continue;
                case TurnStart.Busy busy when services.Time.GetElapsedTime(_accepted) >= s_longestWait:
                    throw new TurnException(
                        "thread_busy", $"Another process has been working on the thread '{_turn.ThreadId}' since {busy.Running.StartedAt:u}. 'protoagent ps' shows who shares this root.");
            }

            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancelled, refusing);
            await Task.Delay(pause, services.Time, woken.Token);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, s_longestPause.Ticks));
        }
    }

    private async Task EndLeftAsync(TurnInfo own)
    {
        const string Why = "The end of this turn could not be written when it came: its store was in trouble.";
        var head = (await services.Checkpoints.GetThreadAsync(own.ThreadId))!.Head;
        await services.Checkpoints.FinishTurnAsync(
            own.Id, head, [new StepContent(Why) { Code = "interrupted" }.ToStep(StepKind.Note)], new TurnEnd(TurnStatus.Interrupted, ErrorCode: "interrupted", ErrorMessage: Why));
        services.Ended(new TurnEnded(own.Id, own.ThreadId, own.Origin, TurnStatus.Interrupted, Why) { Code = "interrupted", Incognito = TurnRequest.Of(own).Incognito });
    }

    private TurnEvent.Failed Explain(Exception e, CancellationToken cancelled, CancellationToken late, CancellationToken stopping) => e switch
    {
        TurnRejectedException rejected => new(rejected.Code, rejected.Message),
        TurnException turnEnded => new(turnEnded.Code, turnEnded.Message),
        ModelException model => new(model.Code, model.Message, model.RetryAfter),
        StaleStepException stale => new("thread_conflict", stale.Message),
        StoreException store => new(store.Code, store.Message),
        OperationCanceledException when stopping.IsCancellationRequested || (_thread is null && refusing.IsCancellationRequested) => new(
            "shutting_down", _turn.Attended || _thread is null
                ? "The instance stopped before this turn ended; its thread says so. Try again when it is back."
                : "The instance stopped before this turn ended. It goes on when the instance is back."),
        OperationCanceledException when cancelled.IsCancellationRequested => new("cancelled", "The turn was cancelled."),
        OperationCanceledException when late.IsCancellationRequested => new(
            "turn_timeout", $"The turn took longer than {_bound.TotalSeconds:0} s, which is its bound. What it did is in its thread; {(_bound < services.Options.Timeout ? "whoever asked for it set the bound" : "go on there, or raise turns.timeout_seconds")}."),
        _ => new("internal", $"Something went wrong inside the instance; its log says what, under turn {_turn.TurnId}."),
    };

    /// <summary>Writes down that there is no answer, and why. If even that fails, the next start finds the turn unfinished.</summary>
    private async Task RecordAsync(TurnEvent.Failed failed)
    {
        if (_head is not { } head || failed.Code == "thread_conflict")
        {
            return;
        }

        try
        {
            if (failed.Code == "shutting_down" && !_turn.Attended)
            {
                // A turn nobody waits for is left open when the instance stops: the next start goes on with it.
                await services.Checkpoints.ReleaseTurnAsync(_turn.TurnId, services.Runner, CancellationToken.None);
                return;
            }

            var usage = _thread?.Usage;
            NewStep[] note = [new StepContent(failed.Message) { Code = failed.Code }.ToStep(StepKind.Note)];
            var end = new TurnEnd(failed.EndsAs, usage?.InputTokens, usage?.OutputTokens, failed.Code, failed.Message);
            if (_thread is not null)
            {
                await _thread.FinishAsync(note, end);
            }
            else
            {
                // Cut off between its beginning and the first look at its thread.
                await services.Checkpoints.FinishTurnAsync(_turn.TurnId, head, note, end, CancellationToken.None);
            }

            Ended(end.Status, failed.Message, failed.Code);
        }
        catch (Exception e) when (e is StoreException or StaleStepException)
        {
            LogUnrecorded(services.Logger, e, _turn.ThreadId, _turn.TurnId);
        }
    }

    private void Ended(TurnStatus status, string text, string? code = null) => services.Ended(
        new TurnEnded(_turn.TurnId, _turn.ThreadId, _turn.Origin, status, text) { Code = code, Incognito = plan.Request.Incognito });

    private void LogEnd(TurnEvent end)
    {
        if (end is TurnEvent.Completed done)
        {
            LogDone(services.Logger, _turn.ThreadId, _turn.TurnId, _turn.Model, Milliseconds(), done.Usage.InputTokens, done.Usage.OutputTokens);
        }
        else if (end is TurnEvent.Parked parked)
        {
            LogParked(services.Logger, _turn.ThreadId, _turn.TurnId, parked.Approvals.Count);
        }
    }

    private double Milliseconds() => Math.Round(services.Time.GetElapsedTime(_accepted).TotalMilliseconds, 1);

    [LoggerMessage(EventName = "turn_done", Level = LogLevel.Information, Message = "turn done in {Milliseconds} ms: thread {Thread}, turn {Turn}, model {Model}, tokens in {TokensIn}, out {TokensOut}")]
    private static partial void LogDone(ILogger log, string thread, string turn, string model, double milliseconds, long? tokensIn, long? tokensOut);

    [LoggerMessage(EventName = "turn_parked", Level = LogLevel.Information, Message = "turn {Turn} on thread {Thread} waits for a person: {Approvals} to decide")]
    private static partial void LogParked(ILogger log, string thread, string turn, int approvals);

    [LoggerMessage(EventName = "turn_failed", Level = LogLevel.Warning, Message = "turn failed after {Milliseconds} ms: thread {Thread}, turn {Turn}, {Code}: {Reason}")]
    private static partial void LogFailed(ILogger log, Exception? e, string thread, string turn, string code, string reason, double milliseconds);

    [LoggerMessage(EventName = "tools_late", Level = LogLevel.Warning, Message = "turn {Turn} goes on without waiting longer than {Seconds} s for tools of MCP servers")]
    private static partial void LogToolsLate(ILogger log, string turn, double seconds);

    [LoggerMessage(EventName = "turn_unrecorded", Level = LogLevel.Error, Message = "the end of turn {Turn} on thread {Thread} could not be written; the next start finds it unfinished")]
    private static partial void LogUnrecorded(ILogger log, Exception e, string thread, string turn);
}
