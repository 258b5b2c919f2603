using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Inbox;

namespace ProtoAgent.Agent.Inbox;

/// <summary>
/// Runs a turn in the activity thread for each <c>now</c> item, one after the other, and signs for it. Nothing runs and no timer is
/// set while none waits; see README.md for what holds over a crash.
/// </summary>
/// <param name="turns">Asked late: the runner needs what needs this.</param>
/// <param name="claimer">This process, as the box registry names it.</param>
internal sealed partial class InboxFiring(
    LateStore<InboxStore> store, ICheckpointStore checkpoints, Func<TurnRunner> turns, InboxSigning signing, string claimer, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>After a trouble that is not the item's.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_longestTimer = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, bool> _parked = [];
    private Task _pump = Task.CompletedTask;
    private ITimer? _timer;
    private bool _running;
    private bool _again;

    /// <summary>There may be something to do. Safe at any time, from anywhere.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            _again = true;
            if (!_running)
            {
                _running = true;
                _pump = Task.Run(PumpAsync);
            }
        }
    }

    /// <summary>Once no turn runs any more: what is in hand stays so, for the next start. Safe twice.</summary>
    public async ValueTask DisposeAsync()
    {
        Task pump;
        lock (_gate)
        {
            _stopping.Cancel();
            _timer?.Dispose();
            pump = _pump;
        }

        await pump;
        await Task.WhenAll(_parked.Keys);
    }

    private async Task PumpAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (!_again || _stopping.IsCancellationRequested)
                {
                    _running = false;
                    return;
                }

                _again = false;
            }

            try
            {
                while (!_stopping.IsCancellationRequested && await ClaimAsync() is { } item && await FireAsync(item))
                {
                }

                if (await (await store.GetAsync()).FirstDueAsync() is { } due && due > time.GetUtcNow())
                {
                    WakeIn(due - time.GetUtcNow());
                }
            }
            catch (Exception e)
            {
                LogBroken(logger, e is StoreException ? null : e, e.Message);
                if (store.IsOpen)
                {
                    WakeIn(s_pause);
                }
            }
        }
    }

    private async Task<InboxItem?> ClaimAsync() =>
        (await (await store.GetAsync()).ClaimAsync(InboxPriority.Now, 1, claimer)) is [var item] ? item : null;

    private void WakeIn(TimeSpan wait)
    {
        lock (_gate)
        {
            if (!_stopping.IsCancellationRequested)
            {
                _timer?.Dispose();
                _timer = time.CreateTimer(_ => Wake(), null, wait < s_longestTimer ? wait : s_longestTimer, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <returns>False when the instance stops.</returns>
    private async Task<bool> FireAsync(InboxItem item)
    {
        var turnId = TurnIdOf(item);
        var outcome = await RunAsync(item, turnId);
        if (outcome.Status != TurnStatus.Waiting)
        {
            return await SignAsync(item, turnId, outcome);
        }

        Keep(ParkedAsync(item, turnId));
        return true;
    }

    /// <summary>It is in hand until a person has decided, however long that takes; another process takes it up if this one ends before.</summary>
    private async Task ParkedAsync(InboxItem item, string turnId)
    {
        try
        {
            TurnOutcome outcome;
            do
            {
                await turns().Once.ParkedAsync(turnId, _stopping.Token);
                outcome = await RunAsync(item, turnId);
            }
            while (outcome.Status == TurnStatus.Waiting);
            await SignAsync(item, turnId, outcome);
        }
        catch (OperationCanceledException)
        {
            // The instance stops.
        }
        catch (Exception e)
        {
            LogBroken(logger, e, e.Message);
        }
    }

    /// <summary>Never throws. Not cancelled when the instance stops: the runner ends its turns itself, or leaves them.</summary>
    private async Task<TurnOutcome> RunAsync(InboxItem item, string turnId)
    {
        try
        {
            TurnOutcome outcome;
            do
            {
                // Chosen anew each time: the turn before this one on the activity thread may wait for a person by now.
                var thread = await ActivityThread.ForAsync(checkpoints, turnId, apart: false, CancellationToken.None);
                outcome = await turns().Once.RunAsync(
                    new TurnRequest { Message = InboxText.Question(item), ThreadId = thread, HistoryTokens = ActivityThread.HistoryTokens, Origin = "inbox", Attended = false }, turnId, CancellationToken.None);
            }
            while (outcome is { IsRecorded: false, ErrorCode: "thread_waiting" });
            return outcome;
        }
        catch (TurnRejectedException e)
        {
            return new TurnOutcome(TurnStatus.Failed, e.Code, e.Message);
        }
        catch (StoreException e)
        {
            return new TurnOutcome(TurnStatus.Failed, e.Code, e.Message);
        }
        catch (Exception e)
        {
            LogBroken(logger, e, e.Message);
            return new TurnOutcome(TurnStatus.Failed, "internal", "Something went wrong inside the instance; its log says what.");
        }
    }

    /// <summary>What is said of the turn is in the file when this answers, whatever trouble the file is in meanwhile.</summary>
    private async Task<bool> SignAsync(InboxItem item, string turnId, TurnOutcome outcome)
    {
        while (outcome.ErrorCode != "shutting_down")
        {
            try
            {
                await signing.SignAsync(item, turnId, outcome);
                return true;
            }
            catch (StoreException e)
            {
                LogBroken(logger, e: null, e.Message);
            }

            try
            {
                await Task.Delay(s_pause, time, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return false;
    }

    /// <summary>The same in every process, until the turn has failed: whoever takes the item up goes on with it, or finds it done.</summary>
    private static string TurnIdOf(InboxItem item) => $"inbox-{item.Id}-{item.Attempts + 1}";

    private void Keep(Task parked)
    {
        _parked[parked] = true;
        _ = parked.ContinueWith(done => _parked.TryRemove(done, out _), TaskScheduler.Default);
    }

    [LoggerMessage(EventName = "inbox_broken", Level = LogLevel.Warning, Message = "items of the inbox that are wanted now wait: {Reason}")]
    private static partial void LogBroken(ILogger log, Exception? e, string reason);
}
