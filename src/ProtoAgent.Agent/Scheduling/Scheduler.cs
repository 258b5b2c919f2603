using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Records;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>
/// The schedule of the instance: owned or waited for, worked while it is owned. See README.md in this folder.
/// </summary>
public sealed partial class Scheduler : IAsyncDisposable
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    private readonly SchedulerServices _services;
    private readonly JobEvents _events;
    private readonly Alarm _alarm;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lazy<ForeignJobs> _foreign;
    private readonly List<Retention> _retention = [];

    /// <summary>The doors open a moment before the schedule is taken; who asks in between is not told that it is switched off.</summary>
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>There is no schedule yet, and most instances never have one: its file is made, and kept open, from the first need on.</summary>
    private readonly TaskCompletionSource _unneeded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _needed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _working = Task.CompletedTask;
    private volatile OwnerLease? _lease;
    private volatile SchedulerStatus _status = new(SchedulerState.Disabled);
    private volatile TaskCompletionSource<JobStore> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile JobRuns? _runs;
    private IReadOnlyList<StandingWarning> _found = [];

    public Scheduler(SchedulerServices services)
    {
        _services = services;
        _events = new JobEvents(services.Events);
        _alarm = new Alarm(services.Time);
        _foreign = new Lazy<ForeignJobs>(() => ForeignJobs.At(services.Paths));
        Desk = new JobDesk(this, _events, services.Time);
    }

    /// <summary>Owners change while one waits, so who it is is read each time.</summary>
    public SchedulerStatus Status => _status is { State: SchedulerState.Waiting } waiting ? waiting with { Owner = OwnerLock.HolderOf(_services.Paths.Jobs) } : _status;

    /// <summary>Jobs as people and tools change them.</summary>
    public IJobDesk Desk { get; }

    /// <summary>Another process owns the schedule, and the instance is not to run without it.</summary>
    public static InstanceRefusedException Refused(InstancePaths paths) =>
        new("scheduler_owned", $"{Interlock.Message(paths.Jobs, OwnerLock.HolderOf(paths.Jobs))} {Interlock.Refused}", InstanceRefusedException.Held);

    /// <summary>Takes the schedule, or begins to wait for it; opens and works it in the background.</summary>
    /// <param name="lease">Of the schedule, if it was taken already; null to take it now.</param>
    public void Start(OwnerLease? lease = null)
    {
        if (!_services.Options.Enabled)
        {
            Show(new SchedulerStatus(SchedulerState.Disabled));
            _started.TrySetResult();
            return;
        }

        lease ??= TryTake();
        if (lease is not null)
        {
            Own(lease);
        }

        _started.TrySetResult();
        _working = Task.Run(() => WorkAsync(lease));
    }

    /// <summary>No job fires from now on; a run whose turn has not begun is left for the next start.</summary>
    public void StopFiring()
    {
        _stopping.Cancel();
        _runs?.Stop();
    }

    /// <summary>How many jobs there are.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken) => await (await ReadableAsync(cancellationToken)).CountAsync(cancellationToken);

    /// <summary>What stands in the schedule's way, and what was found on the way.</summary>
    public IEnumerable<StandingWarning> Warnings()
    {
        var status = Status;
        if (status.State == SchedulerState.Waiting)
        {
            yield return new StandingWarning("scheduler_waiting", Interlock.Message(_services.Paths.Jobs, status.Owner), Interlock.Remedy);
        }
        else if (status is { Problem: { } problem, Code: { } code })
        {
            yield return new StandingWarning(code, $"The schedule is not worked: {problem}", "Everything else serves; jobs fire again once this is mended.");
        }

        foreach (var found in _found)
        {
            yield return found;
        }
    }

    /// <summary>After the turns were stopped: gives the schedule up once what they came to is written. Safe unstarted, and twice.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            StopFiring();
        }

        _started.TrySetResult();
        await _working;
        foreach (var retention in _retention)
        {
            await retention.DisposeAsync();
        }

        _retention.Clear();
        if (_runs is { } runs)
        {
            await runs.LeaveAsync();
            runs.Dispose();
            await _opened.Task.Result.DisposeAsync();
            _runs = null;
        }

        if (_foreign.IsValueCreated)
        {
            await _foreign.Value.DisposeAsync();
        }

        _lease?.Dispose();
        _alarm.Dispose();
    }

    internal void Ring() => _alarm.Ring();

    /// <summary>The ledger, for who changes it.</summary>
    /// <exception cref="SchedulerNotOwnedException">It is another's.</exception>
    /// <exception cref="StoreException">It can't be opened.</exception>
    internal async Task<JobStore> OwnedAsync(CancellationToken cancellationToken)
    {
        await _started.Task.WaitAsync(cancellationToken);
        var status = Status;
        if (status.State == SchedulerState.Waiting)
        {
            throw new SchedulerNotOwnedException(status.Owner, $"{Interlock.Message(_services.Paths.Jobs, status.Owner)} {Interlock.ChangeThere(status.Owner)}");
        }

        if (status is { State: SchedulerState.Disabled, Problem: null })
        {
            throw new SchedulerNotOwnedException(null, "The scheduler is switched off here (scheduler.enabled: false). Switch it on, or change jobs at the instance that works this schedule.");
        }

        _needed.TrySetResult();
        var store = await _opened.Task.WaitAsync(cancellationToken);
        return _lease?.IsStillHeld() == true
            ? store
            : throw new SchedulerNotOwnedException(
                null, status.Problem is { } problem ? $"The schedule is not worked here: {problem}" : $"The lock of {_services.Paths.Jobs} was taken away from this process a moment ago. Try again.");
    }

    internal async Task<IJobReader> ReadableAsync(CancellationToken cancellationToken)
    {
        await _started.Task.WaitAsync(cancellationToken);
        if (_status is not ({ State: SchedulerState.Running } or { Problem: not null }))
        {
            return _foreign.Value;
        }

        await Task.WhenAny(_opened.Task, _unneeded.Task).WaitAsync(cancellationToken);
        if (!_needed.Task.IsCompleted && _unneeded.Task.IsCompleted && File.Exists(_services.Paths.Jobs))
        {
            // Somebody put one there.
            _needed.TrySetResult();
        }

        return _needed.Task.IsCompleted || _opened.Task.IsCompleted ? await _opened.Task.WaitAsync(cancellationToken) : _foreign.Value;
    }

    internal async Task<Run?> RunNowAsync(string jobId, CancellationToken cancellationToken)
    {
        var store = await OwnedAsync(cancellationToken);
        if (await store.GetAsync(jobId, cancellationToken) is not { } job || await store.RunNowAsync(jobId, _services.Runner, CancellationToken.None) is not { } run)
        {
            return null;
        }

        _runs!.Begin(run, job, prompt: true);
        return run;
    }

    private async Task WorkAsync(OwnerLease? lease)
    {
        try
        {
            while (true)
            {
                if ((lease ?? await WaitAsync()) is not { } held)
                {
                    return;
                }

                Own(held);
                var store = await OpenAsync();
                await new DueLoop(_services, store, _runs!, _events, _alarm, next => Show(_status with { NextFire = next })).RunAsync(held, _stopping.Token);

                // Lost: somebody deleted or replaced the lock's file. What runs goes on under its fence.
                LogLost(_services.Logger, held.LockPath);
                held.Dispose();
                _lease = null;
                lease = TryTake();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception e)
        {
            LogBroken(_services.Logger, e);
            GiveUp();
        }
    }

    /// <summary>
    /// Nothing is claimed here any more, so a sibling that waits may: it leaves the runs under way alone, for their process lives, and they
    /// end under their fences. It may only when this one has said that it doesn't.
    /// </summary>
    private void GiveUp()
    {
        const string Broken = "something went wrong inside the scheduler; the log says what. Restart the instance.";
        try
        {
            Failed(new StoreException("jobs", "scheduler_broken", Broken));
            Show(new SchedulerStatus(SchedulerState.Disabled, Problem: Broken) { Code = "scheduler_broken" });
        }
        finally
        {
            _lease?.Dispose();
            _lease = null;
        }
    }

    /// <summary>Null when the lock can't be trusted here, which no waiting changes.</summary>
    private async Task<OwnerLease?> WaitAsync()
    {
        if (_status.Code is not null)
        {
            return null;
        }

        var before = OwnerLock.HolderOf(_services.Paths.Jobs);
        var lease = await OwnerLock.AcquireAsync(_services.Paths.Jobs, _services.Self, _stopping.Token);
        Own(lease);
        LogTookOver(_services.Logger, _services.Paths.Jobs, before?.Pid);
        return lease;
    }

    private OwnerLease? TryTake()
    {
        try
        {
            var lease = OwnerLock.TryAcquire(_services.Paths.Jobs, _services.Self, out var holder);
            if (lease is null)
            {
                // In its own words, all of them: people look for these.
                _services.Logger.LogError("{Message} {Remedy}", Interlock.Message(_services.Paths.Jobs, holder), Interlock.Remedy);
                Show(new SchedulerStatus(SchedulerState.Waiting, holder));
            }

            return lease;
        }
        catch (Exception e) when (e is LockUnsupportedException or IOException or UnauthorizedAccessException)
        {
            _services.Logger.LogError("{Message}", e.Message);
            Show(new SchedulerStatus(SchedulerState.Disabled, Problem: e.Message) { Code = "scheduler_lock" });
            _opened.TrySetException(new StoreException("jobs", "store_failed", e.Message, e));
            return null;
        }
    }

    private void Own(OwnerLease lease)
    {
        if (_lease != lease)
        {
            _lease = lease;
            Show(new SchedulerStatus(SchedulerState.Running));
        }
    }

    /// <summary>Opened once and kept, also over a lock that was lost and taken again: runs under way write into it.</summary>
    private async Task<JobStore> OpenAsync()
    {
        for (var pause = s_shortestPause; _runs is null; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                _found = RenamedAgent.Adopt(_services);
                if (!File.Exists(_services.Paths.Jobs))
                {
                    Mended();
                    _unneeded.TrySetResult();
                    await _needed.Task.WaitAsync(_stopping.Token);
                }

                var store = await JobStore.OpenAsync(_services.Paths, _services.Time, _services.Logger);
                _runs = new JobRuns(_services, store, _events, Ring);
                Keep("runs of jobs", store.PruneRunsAsync);
                Keep("jobs that had ended", store.PruneEndedAsync);
                Mended();
                _opened.SetResult(store);
            }
            catch (StoreException e)
            {
                _services.Logger.LogError("{Message}", e.Message);
                Show(new SchedulerStatus(SchedulerState.Disabled, Problem: e.Message) { Code = e.Code });
                Failed(e);
                await Task.Delay(pause, _services.Time, _stopping.Token);
            }
        }

        return await _opened.Task;
    }

    /// <summary>Whoever asks from now on is not told of the trouble there was.</summary>
    private void Mended()
    {
        if (_opened.Task.IsFaulted)
        {
            _opened = new TaskCompletionSource<JobStore>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Show(new SchedulerStatus(SchedulerState.Running));
    }

    private void Failed(StoreException error)
    {
        if (_opened.TrySetException(error))
        {
            // Whoever asks is told; it may be that nobody does.
            _ = _opened.Task.Exception;
        }
    }

    private void Keep(string what, Func<DateTimeOffset, CancellationToken, Task<long>> delete)
    {
        var retention = new Retention(what, _services.Options.Retention, delete, _services.Time, _services.Logger);
        _retention.Add(retention);
        retention.Start();
    }

    private void Show(SchedulerStatus status)
    {
        var before = _status;
        _status = status;
        if (status.State != before.State)
        {
            _events.Scheduler(status.State, status.Owner);
        }

        if (status.State != before.State || status.NextFire != before.NextFire)
        {
            Publish(status);
        }
    }

    /// <summary>Neither a full disk nor a warning that can't be told must keep a job from firing: what the registry shows is for people.</summary>
    private void Publish(SchedulerStatus status)
    {
        try
        {
            _services.Publish(status.Name, status.NextFire);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogUnpublished(_services.Logger, e.Message);
        }
    }

    [LoggerMessage(EventName = "registry_unwritten", Level = LogLevel.Warning, Message = "'protoagent ps' shows an old state of the schedule: {Reason}")]
    private static partial void LogUnpublished(ILogger log, string reason);

    [LoggerMessage(EventName = "scheduler_took_over", Level = LogLevel.Warning, Message = "the schedule {Path} is this process's now: its owner (pid {Pid}) is gone. What was missed meanwhile is made up for by each job's policy")]
    private static partial void LogTookOver(ILogger log, string path, int? pid);

    [LoggerMessage(EventName = "scheduler_lost", Level = LogLevel.Error, Message = "the lock {Path} was deleted or replaced: no job fires until it is taken again. Leave that file alone")]
    private static partial void LogLost(ILogger log, string path);

    [LoggerMessage(EventName = "scheduler_broken", Level = LogLevel.Critical, Message = "the scheduler broke off; no job fires")]
    private static partial void LogBroken(ILogger log, Exception e);
}
