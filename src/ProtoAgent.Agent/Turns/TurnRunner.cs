using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Commands;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>Accepts turns and runs them: one at a time for each thread, detached from whoever asked. Goes on with those that were left.</summary>
public sealed partial class TurnRunner : IDisposable
{
    /// <summary>What a cancelled turn gets to write down that it was.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(2);

    private readonly TurnServices _services;
    private readonly ThreadQueue _queue = new();
    private readonly ConcurrentDictionary<string, TurnHandle> _running = new(StringComparer.Ordinal);
    private readonly IdleMemory _memory;
    private readonly LeftTurns _left;
    private readonly CancellationTokenSource _refusing = new();
    private readonly CancellationTokenSource _stopping = new();

    public TurnRunner(TurnServices services)
    {
        _services = services;
        _memory = new IdleMemory(services.Time);
        Commands = new SlashCommands(services.Tools, services.Subagents, services.Commands);
        Once = new TurnOnce(this, services);
        _left = new LeftTurns(services, Once);
    }

    /// <summary>What can be asked for with a slash.</summary>
    public SlashCommands Commands { get; }

    /// <summary>Turns for callers that may ask again.</summary>
    public TurnOnce Once { get; }

    /// <summary>Turns that run here or wait for their thread.</summary>
    public int Active => _queue.Pending.Count;

    /// <summary>The tools there are.</summary>
    public ToolCatalog Tools => _services.Tools;

    public IReadOnlyList<Subagents.SubagentOptions> Subagents => _services.Subagents;

    /// <summary>Accepts the turn; it begins when those before it on its thread have ended.</summary>
    /// <exception cref="TurnRejectedException">It can't be a turn. Nothing was written.</exception>
    public TurnHandle Start(TurnRequest request)
    {
        var threadId = request.ThreadId ?? NewId();
        RefuseBadThreadId(threadId);
        RefuseBadThreadId(threadId = request.Incognito ? ThreadIds.ToIncognito(threadId) : threadId);
        return Start(request, threadId, NewId());
    }

    /// <summary>Whether a caller may give a thread that id.</summary>
    /// <exception cref="TurnRejectedException">It may not.</exception>
    public static void RefuseBadThreadId(string id)
    {
        if (id.Length is 0 or > CheckpointStore.MaxThreadIdLength || char.IsWhiteSpace(id[0]) || char.IsWhiteSpace(id[^1])
            || id.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar) || id.StartsWith(ThreadIds.Task, StringComparison.Ordinal))
        {
            throw new TurnRejectedException(
                "thread_id_invalid",
                $"A session id has 1 to {CheckpointStore.MaxThreadIdLength} characters, no control characters and no spaces around it, and does not begin with '{ThreadIds.Task}'. Leave it out for a fresh one.");
        }
    }

    /// <summary>
    /// Goes on with the turns that were left: those whose process died, by policy, and those for which everything was decided
    /// meanwhile. What policy does not go on with is marked interrupted.
    /// </summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var left = await _services.Checkpoints.UnfinishedTurnsAsync(cancellationToken);

        // Subagents behind those that may have sent them: what becomes of these decides.
        foreach (var turn in left.OrderBy(t => t.ThreadId.StartsWith(ThreadIds.Task, StringComparison.Ordinal)))
        {
            if (_left.IsResumed(turn) && await _left.IsWantedAsync(turn, cancellationToken))
            {
                Resume(turn);
            }
            else
            {
                await _left.InterruptAsync(turn, cancellationToken);
            }
        }

        // What the start itself left behind is given back like a turn's.
        _memory.Begin();
        _memory.End();
    }

    /// <summary>Decides what a turn waits for; the first decision stands. The turn goes on when nothing more is open. Null if there is no such approval.</summary>
    public async Task<DecisionTaken?> DecideAsync(string approvalId, Decision decision, string? answer, CancellationToken cancellationToken)
    {
        var taken = await _services.Checkpoints.DecideApprovalAsync(approvalId, decision, answer, cancellationToken);
        if (taken is { Taken: true, Approval: var decided })
        {
            var secret = await _services.Checkpoints.GetTurnAsync(decided.TurnId, CancellationToken.None) is { } its && TurnRequest.Of(its).Incognito;
            _services.Recorder.Approval(new ApprovalRecord(
                decided.ThreadId, decided.TurnId, decided.CallId, decided.Tool, decision == Decision.Approve ? "approved" : "denied", "operator", secret ? null : answer, decided.DecidedAt - decided.CreatedAt));
            _services.Decided(decided);
        }

        if (taken is { Taken: true, TurnIsFree: true } && await _services.Checkpoints.GetTurnAsync(taken.Approval.TurnId, CancellationToken.None) is { } turn)
        {
            Resume(turn);
        }

        return taken;
    }

    /// <summary>Says something to the turn that runs or waits on the thread; its next model call is told. False when there is none.</summary>
    public Task<bool> SteerAsync(string threadId, string message, CancellationToken cancellationToken) =>
        _services.Checkpoints.SteerAsync(threadId, new StepContent(message).ToJson(), cancellationToken);

    /// <summary>Cancels the turn that runs or waits on the thread and returns it once that is recorded. Null when there is none.</summary>
    /// <exception cref="TurnRejectedException">Another process runs it.</exception>
    public async Task<TurnInfo?> CancelAsync(string threadId, CancellationToken cancellationToken)
    {
        while (_running.TryGetValue(threadId, out var running))
        {
            running.Cancel();
            await running.Completion.WaitAsync(cancellationToken);
            if (await _services.Checkpoints.GetTurnAsync(running.TurnId, cancellationToken) is not { Status: TurnStatus.Waiting } and var ended)
            {
                return ended;
            }

            // It came to wait for a person in that moment: cancelled below.
        }

        if (await _services.Checkpoints.GetOpenTurnAsync(threadId, cancellationToken) is not { } open)
        {
            return null;
        }

        const string Why = "The turn was cancelled while it waited.";
        var waiting = await _services.Checkpoints.CancelWaitingTurnAsync(
            open.Id, new StepContent(Why) { Code = "cancelled" }.ToStep(StepKind.Note), new TurnEnd(TurnStatus.Cancelled, open.InputTokens, open.OutputTokens, "cancelled", Why), cancellationToken);
        if (waiting is null && await _left.InterruptAsync(open, cancellationToken) is { } interrupted)
        {
            // Its process died; nobody goes on with it now.
            return interrupted;
        }

        if (waiting is null)
        {
            throw new TurnRejectedException("turn_elsewhere", $"The turn '{open.Id}' runs in another process ({open.Runner}) of this root. Cancel it there; 'protoagent ps' shows its port.");
        }

        _left.Record(waiting);
        await WakeParentAsync(TurnRequest.Of(waiting));
        return waiting;
    }

    /// <summary>
    /// Takes no new turns, refuses those that wait, gives those that run <paramref name="grace"/> to finish, then ends them:
    /// interrupted, or left for the next start if nobody waits for them. Safe to call twice.
    /// </summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await _refusing.CancelAsync();
        if (!await EndedAsync(grace))
        {
            await _stopping.CancelAsync();
            await EndedAsync(s_lastWords);
        }
    }

    public void Dispose()
    {
        _memory.Dispose();
        _refusing.Dispose();
        _stopping.Dispose();
    }

    /// <summary>The turn that runs on the thread in this process, if it is that one.</summary>
    internal TurnHandle? Running(string threadId, string turnId) => _running.TryGetValue(threadId, out var running) && running.TurnId == turnId ? running : null;

    /// <summary>Accepts the turn under ids of the caller's.</summary>
    internal TurnHandle Start(TurnRequest request, string threadId, string turnId)
    {
        // A subagent is part of the turn that sends it, which has been given time to finish.
        if (_refusing.IsCancellationRequested && request.Subagent is null)
        {
            throw new TurnRejectedException("shutting_down", "The instance is stopping and takes no new turns. Try again when it is back.");
        }

        if (!request.Asks)
        {
            throw new TurnRejectedException("message_blank", "The message is blank. Say something.");
        }

        RefuseTooLarge(request);

        // The thread decides, not the flag: forgetting the flag once must not let out what was said before.
        request = request with { Incognito = request.Incognito || ThreadIds.IsIncognito(threadId) };
        return Enqueue(TurnPlan.For(_services, Commands, request, threadId, turnId), take: null);
    }

    /// <summary>They are in the thread from then on, and told to the model in every turn after this one.</summary>
    private void RefuseTooLarge(TurnRequest request)
    {
        var bytes = request.Attachments.Concat(request.History.SelectMany(m => m.Attachments)).Sum(a => (long)a.Bytes);
        if (bytes > _services.Options.MaxAttachmentBytes)
        {
            throw new TurnRejectedException(
                "attachment_too_large", $"What is attached has {bytes} bytes and may have {_services.Options.MaxAttachmentBytes} (turns.max_attachment_bytes). Send less, smaller, or its address.");
        }
    }

    /// <summary>Takes the turn over, if that can still be done, and goes on with it.</summary>
    /// <param name="wanted">By a turn that runs. Others are left for the next start once the instance stops: nobody would wait for their end.</param>
    internal TurnHandle Resume(TurnInfo turn, bool wanted = false) => Enqueue(
        TurnPlan.Again(_services, Commands, turn),
        take: () => _refusing.IsCancellationRequested && !wanted ? Task.FromResult<TakenTurn?>(null) : _services.Checkpoints.TakeOverTurnAsync(turn.Id, _services.Runner));

    /// <param name="take">Null for a turn that has yet to begin.</param>
    private TurnHandle Enqueue(TurnPlan plan, Func<Task<TakenTurn?>>? take)
    {
        var turn = plan.Turn;
        var events = Channel.CreateUnbounded<TurnEvent>(new UnboundedChannelOptions { SingleReader = true });
        var cancelled = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var accepted = new TaskCompletionSource<TurnHandle>(TaskCreationOptions.RunContinuationsAsynchronously);
        var completion = _queue.Enqueue(turn.ThreadId, async () =>
        {
            using (cancelled)
            {
                var handle = await accepted.Task;
                _running[turn.ThreadId] = handle;
                _memory.Begin();
                try
                {
                    return await RunSafelyAsync(plan, take, new TurnEventWriter(events.Writer, turn, _services.Happened), cancelled.Token);
                }
                finally
                {
                    _memory.End();
                    _running.TryRemove(KeyValuePair.Create(turn.ThreadId, handle));
                }
            }
        });
        var mine = new TurnHandle(turn.ThreadId, turn.TurnId, turn.Model, events.Reader, completion, () => Cancel(cancelled));
        accepted.SetResult(mine);
        return mine;
    }

    /// <summary>Never throws.</summary>
    private async Task<TurnEvent> RunSafelyAsync(TurnPlan plan, Func<Task<TakenTurn?>>? take, ChannelWriter<TurnEvent> events, CancellationToken cancelled)
    {
        TurnEvent end;
        try
        {
            var taken = take is null ? null : await take();
            if (taken is not null || take is null)
            {
                return await RunAsync(plan, taken, events, cancelled);
            }

            // It ended meanwhile, another process was first, or the next start goes on with it.
            end = new TurnEvent.Failed("thread_conflict", $"The turn '{plan.Turn.TurnId}' is not left any more.");
        }
        catch (Exception e)
        {
            LogBroken(_services.Logger, e, plan.Turn.TurnId, plan.Turn.ThreadId);
            end = new TurnEvent.Failed("internal", $"Something went wrong inside the instance; its log says what, under turn {plan.Turn.TurnId}.");
        }

        events.TryWrite(end);
        events.TryComplete();
        return end;
    }

    private async Task<TurnEvent> RunAsync(TurnPlan plan, TakenTurn? taken, ChannelWriter<TurnEvent> events, CancellationToken cancelled)
    {
        if (taken is not null)
        {
            LogResumed(_services.Logger, plan.Turn.TurnId, plan.Turn.ThreadId, taken.Turn.Attempts);
        }

        var end = await new TurnRun(_services, plan, events, SettleAsync, _refusing.Token).RunAsync(taken, cancelled, _stopping.Token);
        await AfterAsync(plan, end);
        Once.Told(plan.Turn.TurnId);
        return end;
    }

    /// <summary>Who waits for this turn goes on; and this turn, if what it waits for came to its end before it did.</summary>
    private async Task AfterAsync(TurnPlan plan, TurnEvent end)
    {
        if (end is not TurnEvent.Parked parked)
        {
            await WakeParentAsync(plan.Request);
        }
        else if ((await Task.WhenAll(parked.Waits.Select(isOver => isOver()))).Contains(true))
        {
            await WakeAsync(plan.Turn.TurnId);
        }
    }

    private Task WakeParentAsync(TurnRequest request) => request.ParentTurn is { } parent ? WakeAsync(parent) : Task.CompletedTask;

    /// <summary>What the turn waited for is over; does nothing if it does not wait.</summary>
    internal async Task WakeAsync(string turnId)
    {
        if (await _services.Checkpoints.GetTurnAsync(turnId) is { Status: TurnStatus.Waiting } waiting)
        {
            Resume(waiting);
        }
    }

    /// <summary>A dead process's turn, met on its thread by one that wants to begin: gone on with here and now, or interrupted.</summary>
    private async Task SettleAsync(TurnInfo left)
    {
        if (!_left.IsResumed(left))
        {
            await _left.InterruptAsync(left, CancellationToken.None);
        }
        else if (await _services.Checkpoints.TakeOverTurnAsync(left.Id, _services.Runner) is { } taken)
        {
            using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var (events, plan) = (Channel.CreateUnbounded<TurnEvent>(), TurnPlan.Again(_services, Commands, left));
            var ended = new TaskCompletionSource<TurnEvent>(TaskCreationOptions.RunContinuationsAsynchronously);

            // Whoever cancels what runs on the thread means this one, not the one that waits for it.
            var next = _running[left.ThreadId];
            _running[left.ThreadId] = new TurnHandle(left.ThreadId, left.Id, plan.Turn.Model, events.Reader, ended.Task, () => Cancel(cancelled));
            TurnEvent end = new TurnEvent.Failed("internal", $"The turn '{left.Id}' broke off.");
            try
            {
                end = await RunAsync(plan, taken, new TurnEventWriter(events.Writer, plan.Turn, _services.Happened), cancelled.Token);
            }
            finally
            {
                _running[left.ThreadId] = next;
                ended.SetResult(end);
            }
        }
    }

    private string NewId() => Guid.CreateVersion7(_services.Time.GetUtcNow()).ToString();

    private static void Cancel(CancellationTokenSource turn)
    {
        try
        {
            turn.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The turn has ended; there is nothing left to cancel.
        }
    }

    private async Task<bool> EndedAsync(TimeSpan within)
    {
        try
        {
            await Task.WhenAll(_queue.Pending).WaitAsync(within, _services.Time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    [LoggerMessage(EventName = "turn_resumed", Level = LogLevel.Information, Message = "going on with turn {Turn} of thread {Thread}, attempt {Attempt}")]
    private static partial void LogResumed(ILogger log, string turn, string thread, long attempt);

    [LoggerMessage(EventName = "turn_broken", Level = LogLevel.Error, Message = "turn {Turn} of thread {Thread} broke off")]
    private static partial void LogBroken(ILogger log, Exception e, string turn, string thread);
}
