using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Models;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>One turn, from the question to its recorded end. See README.md in this folder.</summary>
internal sealed partial class TurnLoop(
    TurnRequest request,
    NewTurn turn,
    IChatClient client,
    ModelOptions options,
    ICheckpointStore checkpoints,
    TimeProvider time,
    ChannelWriter<TurnEvent> events,
    ILogger logger,
    CancellationToken refusing)
{
    /// <summary>How long a turn waits for another process's turn on its thread.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(500);

    private readonly long _accepted = time.GetTimestamp();
    private long _head;
    private bool _begun;

    /// <summary>Runs to the end, which is always the last event. Never throws.</summary>
    /// <param name="cancelled">Of this turn alone, or of all when the instance stops.</param>
    public async Task RunAsync(CancellationToken cancelled)
    {
        var answer = new ModelAnswer();
        TurnEvent end;
        try
        {
            await BeginAsync(cancelled);
            events.TryWrite(new TurnEvent.Started(turn.ThreadId, turn.TurnId, turn.Model));
            await AskAsync(answer, cancelled);
            _head = await checkpoints.FinishTurnAsync(
                turn.TurnId,
                _head,
                [new StepContent(answer.Text, turn.Model, answer.FinishReason, answer.Reasoning).ToStep(StepKind.Assistant)],
                new TurnEnd(TurnStatus.Done, answer.Usage.InputTokens, answer.Usage.OutputTokens),
                CancellationToken.None);
            end = new TurnEvent.Completed(answer.Text, answer.FinishReason!, answer.Usage);
            LogDone(logger, turn.ThreadId, turn.TurnId, turn.Model, Milliseconds(), answer.Usage.InputTokens, answer.Usage.OutputTokens);
        }
        catch (Exception e)
        {
            var failed = Explain(e, cancelled);
            LogFailed(logger, failed.Code == "internal" ? e : null, turn.ThreadId, turn.TurnId, failed.Code, failed.Message, Milliseconds());
            await RecordAsync(failed, answer);
            end = failed;
        }

        events.TryWrite(end);
        events.TryComplete();
    }

    /// <summary>Puts the turn and the question into the thread, once no other process works on it.</summary>
    private async Task BeginAsync(CancellationToken cancelled)
    {
        if (refusing.IsCancellationRequested)
        {
            throw new TurnRejectedException("shutting_down", "The instance is stopping; this turn had not begun. Try again when it is back.");
        }

        var begin = turn with { Steps = await FirstStepsAsync(cancelled) };
        var pause = s_shortestPause;
        while (true)
        {
            switch (await checkpoints.BeginTurnAsync(begin, cancelled))
            {
                case TurnStart.Started started:
                    _head = started.Head;
                    _begun = true;
                    return;
                case TurnStart.Busy busy when time.GetElapsedTime(_accepted) >= s_longestWait:
                    throw new ModelException(
                        "thread_busy", $"Another process has been working on the thread '{turn.ThreadId}' since {busy.Running.StartedAt:u}. 'protoagent ps' shows who shares this root.");
            }

            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancelled, refusing);
            await Task.Delay(pause, time, woken.Token);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, s_longestPause.Ticks));
        }
    }

    /// <summary>The question; behind what was said before, if the caller brings that to a new thread.</summary>
    private async Task<IReadOnlyList<NewStep>> FirstStepsAsync(CancellationToken cancelled)
    {
        var question = new StepContent(request.Message).ToStep(StepKind.User);
        return request.History.Count == 0 || await checkpoints.GetThreadAsync(turn.ThreadId, cancelled) is not null
            ? [question]
            : [.. request.History.Select(m => new StepContent(m.Text).ToStep(m.FromAssistant ? StepKind.Assistant : StepKind.User)), question];
    }

    /// <summary>Asks the model and passes the answer on as it comes. Returns only with a whole one.</summary>
    private async Task AskAsync(ModelAnswer answer, CancellationToken cancelled)
    {
        var steps = await checkpoints.ReadStepsAsync(turn.ThreadId, cancellationToken: cancelled);
        var messages = StepContent.ToMessages(request.Instructions, steps);
        using var late = new CancellationTokenSource(options.Timeout, time);
        using var call = CancellationTokenSource.CreateLinkedTokenSource(cancelled, late.Token);
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync(messages, Settings(), call.Token).WithCancellation(call.Token))
            {
                if (answer.Add(update) is { Length: > 0 } piece)
                {
                    events.TryWrite(new TurnEvent.Delta(piece));
                }
            }
        }
        catch (Exception) when (cancelled.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancelled);
        }
        catch (Exception e)
        {
            throw late.IsCancellationRequested ? ModelErrors.Timeout(options, inner: e) : ModelErrors.From(e, options, begun: answer.Length > 0);
        }

        if (answer.FinishReason is null)
        {
            throw new ModelException("model_stream_cut", "The model's answer ended without saying that it was done; the part that came is discarded. Try again.");
        }

        if (string.IsNullOrWhiteSpace(answer.Text))
        {
            throw new ModelException("model_empty", $"The model gave an empty answer (it ended with '{answer.FinishReason}'). Try again, or ask differently.");
        }
    }

    private ChatOptions Settings() => new()
    {
        Temperature = request.Temperature,
        TopP = request.TopP,
        MaxOutputTokens = request.MaxOutputTokens,
        StopSequences = request.StopSequences is { Count: > 0 } stops ? [.. stops] : null,
    };

    private TurnEvent.Failed Explain(Exception e, CancellationToken cancelled) => e switch
    {
        TurnRejectedException rejected => new(rejected.Code, rejected.Message),
        ModelException model => new(model.Code, model.Message, model.RetryAfter),
        StaleStepException stale => new("thread_conflict", stale.Message),
        StoreException store => new(store.Code, store.Message),
        OperationCanceledException when refusing.IsCancellationRequested => new("shutting_down", "The instance stopped before this turn ended; its thread says so. Try again when it is back."),
        OperationCanceledException when cancelled.IsCancellationRequested => new("cancelled", "The turn was cancelled."),
        _ => new("internal", $"Something went wrong inside the instance; its log says what, under turn {turn.TurnId}."),
    };

    /// <summary>Writes down that there is no answer, and why. If even that fails, the next start finds the turn unfinished.</summary>
    private async Task RecordAsync(TurnEvent.Failed failed, ModelAnswer answer)
    {
        if (!_begun || failed.Code == "thread_conflict")
        {
            return;
        }

        var status = failed.Code switch
        {
            "cancelled" => TurnStatus.Cancelled,
            "shutting_down" => TurnStatus.Interrupted,
            _ => TurnStatus.Failed,
        };
        try
        {
            var text = answer.Length > 0 ? $"{failed.Message} ({answer.Length} characters of an answer had come.)" : failed.Message;
            await checkpoints.FinishTurnAsync(
                turn.TurnId,
                _head,
                [new StepContent(text, Code: failed.Code).ToStep(StepKind.Note)],
                new TurnEnd(status, answer.Usage.InputTokens, answer.Usage.OutputTokens, failed.Code, failed.Message),
                CancellationToken.None);
        }
        catch (Exception e) when (e is StoreException or StaleStepException)
        {
            LogUnrecorded(logger, e, turn.ThreadId, turn.TurnId);
        }
    }

    private double Milliseconds() => Math.Round(time.GetElapsedTime(_accepted).TotalMilliseconds, 1);

    [LoggerMessage(EventName = "turn_done", Level = LogLevel.Information, Message = "turn done in {Milliseconds} ms: thread {Thread}, turn {Turn}, model {Model}, tokens in {TokensIn}, out {TokensOut}")]
    private static partial void LogDone(ILogger log, string thread, string turn, string model, double milliseconds, long? tokensIn, long? tokensOut);

    [LoggerMessage(EventName = "turn_failed", Level = LogLevel.Warning, Message = "turn failed after {Milliseconds} ms: thread {Thread}, turn {Turn}, {Code}: {Reason}")]
    private static partial void LogFailed(ILogger log, Exception? e, string thread, string turn, string code, string reason, double milliseconds);

    [LoggerMessage(EventName = "turn_unrecorded", Level = LogLevel.Error, Message = "the end of turn {Turn} on thread {Thread} could not be written; the next start marks it interrupted")]
    private static partial void LogUnrecorded(ILogger log, Exception e, string thread, string turn);
}
