using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>Claimed runs on their way to an end. Runs of one job go one after the other, unless its policy lets them run side by side.</summary>
/// <param name="changed">Something may be due now that was not: a retry.</param>
internal sealed partial class JobRuns(SchedulerServices services, IJobStore store, JobEvents events, Action changed) : IDisposable
{
    /// <summary>Processes that may die before a run's turn has begun; once it has, the turn counts for itself.</summary>
    private const int MostCrashes = 3;

    private readonly JobEnds _ends = new(services, store, events, changed);
    private readonly SemaphoreSlim _slots = new(services.Options.Concurrency, services.Options.Concurrency);
    private readonly ThreadQueue _inOrder = new();
    private readonly ThreadQueue _threads = new();
    private readonly ConcurrentDictionary<string, Task> _inHand = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _leaving = new();

    /// <summary>Whether this process works on it.</summary>
    public bool Has(string runId) => _inHand.ContainsKey(runId);

    /// <param name="job">As it was when the run was claimed.</param>
    /// <param name="prompt">It waits for no jitter: it has waited, or somebody wants it now.</param>
    public void Begin(Run run, Job job, bool prompt = false)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _inHand[run.Id] = ended.Task;
        events.Run("claimed", run);
        _ = job.Policy.Overlap == Overlap.Parallel ? Task.Run(WorkAsync) : _inOrder.Enqueue(job.Id, WorkAsync);

        async Task<bool> WorkAsync()
        {
            await RunSafelyAsync(run, job, prompt);
            _inHand.TryRemove(run.Id, out _);
            ended.SetResult();
            return true;
        }
    }

    /// <summary>
    /// Takes over what dead processes left: a turn that was begun is gone on with, never begun again. False if something is in
    /// the hands of a process that lives and will not tell us when it dies.
    /// </summary>
    public async Task<bool> RecoverAsync(CancellationToken cancelled)
    {
        var all = true;
        foreach (var left in (await store.UnfinishedRunsAsync(cancelled)).Where(r => !Has(r.Id)))
        {
            if (left.Runner is { } runner && runner != services.Runner && services.IsLive(runner))
            {
                all = false;
            }
            else if (await store.TakeOverAsync(left.Id, left.Fence, services.Runner, cancelled) is { } taken)
            {
                LogRecovered(services.Logger, taken.JobId, taken.Id, taken.DueAt, taken.Crashes);
                Begin(taken, await store.GetAsync(taken.JobId, cancelled) ?? Deleted(taken), prompt: true);
            }
        }

        return all;
    }

    /// <summary>No run begins any more; what runs is the turns' to end.</summary>
    public void Stop() => _stopping.Cancel();

    /// <summary>After the turns were stopped: until what they came to is written. What runs in another process is left to it.</summary>
    public async Task LeaveAsync()
    {
        await _leaving.CancelAsync();
        await Task.WhenAll(_inHand.Values);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _leaving.Dispose();
        _slots.Dispose();
    }

    /// <summary>The job was deleted while its run ran: nothing is to be begun for it, but what was begun is ended.</summary>
    private static Job Deleted(Run run) => new()
    {
        Id = run.JobId, Prompt = "(deleted)", Schedule = "", Timezone = "UTC", State = JobState.Ended, CreatedAt = run.DueAt, UpdatedAt = run.DueAt, Version = 0, Anchor = run.DueAt,
        Policy = new JobPolicy { Retries = 0 },
    };

    /// <summary>Never throws.</summary>
    private async Task RunSafelyAsync(Run run, Job job, bool prompt)
    {
        try
        {
            if (!await RunAsync(run, job, prompt))
            {
                await store.ReleaseAsync(run.Id, run.Fence);
            }
        }
        catch (StaleFenceException e)
        {
            LogTaken(services.Logger, run.JobId, run.Id, e.Message);
        }
        catch (Exception e)
        {
            LogBroken(services.Logger, e, run.JobId, run.Id);
        }
    }

    /// <summary>False: the instance stops, and the run is left as it is for the next start.</summary>
    private async Task<bool> RunAsync(Run run, Job job, bool prompt)
    {
        try
        {
            if (!prompt && Jitter(run, job.Policy) is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, services.Time, _stopping.Token);
            }

            var turnId = JobTurn.IdOf(run);
            var outcome = await InTurnAsync(run, job, turnId);
            while (outcome is { Status: TurnStatus.Waiting })
            {
                // For a person, over a night maybe: others have the thread and the slot meanwhile.
                events.Run("waiting", run with { TurnId = turnId }, outcome.ThreadId);
                await services.Turns().Once.ParkedAsync(turnId, _stopping.Token);
                outcome = await OnceAsync(job, run, turnId);
            }

            if (outcome is null || (!outcome.IsRecorded && _stopping.IsCancellationRequested))
            {
                return false;
            }

            await _ends.EndAsync(run with { TurnId = turnId }, job, outcome, _stopping.Token);
            return true;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// On a thread one turn runs at a time, so runs for one thread wait here and not in a slot: a thread that is busy must not
    /// take the slots of all others.
    /// </summary>
    private async Task<TurnOutcome?> InTurnAsync(Run run, Job job, string turnId)
    {
        if (JobTurn.IsApart(job))
        {
            return await InSlotAsync(run, job, turnId);
        }

        var (outcome, error) = await _threads.Enqueue(job.SessionId ?? ActivityLog.ThreadId, async () =>
        {
            try
            {
                return (await InSlotAsync(run, job, turnId), (ExceptionDispatchInfo?)null);
            }
            catch (Exception e)
            {
                return (null, ExceptionDispatchInfo.Capture(e));
            }
        });
        error?.Throw();
        return outcome;
    }

    private async Task<TurnOutcome?> InSlotAsync(Run run, Job job, string turnId)
    {
        await _slots.WaitAsync(_stopping.Token);
        try
        {
            return await FirstAsync(run, job, turnId);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Null when nothing is to be said of it: the instance stops.</summary>
    private async Task<TurnOutcome?> FirstAsync(Run run, Job job, string turnId)
    {
        var begun = await services.Checkpoints.GetTurnAsync(turnId);
        if (begun is null && run.JobDeleted)
        {
            return new TurnOutcome(TurnStatus.Cancelled, "deleted", "The job was deleted before the turn of this run had begun.");
        }

        if (begun is null && run.Crashes >= MostCrashes)
        {
            return new TurnOutcome(TurnStatus.Failed, JobReasons.CrashLoop, $"{run.Crashes} processes died before the turn of this run had begun; it is not tried again.");
        }

        if (_stopping.IsCancellationRequested)
        {
            return null;
        }

        var started = await store.StartAsync(run.Id, run.Fence, turnId);
        events.Run("started", started, begun?.ThreadId ?? job.SessionId ?? ActivityLog.ThreadId);
        TurnOutcome outcome;
        do
        {
            outcome = await OnceAsync(job, run, turnId);
        }
        while (job.SessionId is null && outcome is { IsRecorded: false, ErrorCode: "thread_waiting" });
        return outcome;
    }

    /// <summary>A stop gives turns their time and then ends them itself; it is left only when that is done.</summary>
    private async Task<TurnOutcome> OnceAsync(Job job, Run run, string turnId)
    {
        // The thread is chosen anew each time: the turn before this one on the activity thread may wait for a person by now.
        var request = await JobTurn.RequestAsync(job, run, services.Checkpoints, CancellationToken.None);
        try
        {
            return await services.Turns().Once.RunAsync(request, turnId, _leaving.Token);
        }
        catch (TurnRejectedException e)
        {
            return new TurnOutcome(TurnStatus.Failed, e.Code, e.Message) { ThreadId = request.ThreadId };
        }
        catch (StoreException e)
        {
            return new TurnOutcome(TurnStatus.Failed, e.Code, e.Message) { ThreadId = request.ThreadId };
        }
    }

    /// <summary>Drawn once for each run: the id is random, and whoever takes the run over would draw the same.</summary>
    private TimeSpan Jitter(Run run, JobPolicy policy)
    {
        if (policy.Jitter <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var drawn = BitConverter.ToUInt32(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(run.Id)));
        return run.DueAt + (policy.Jitter * (drawn / (double)uint.MaxValue)) - services.Time.GetUtcNow();
    }

    [LoggerMessage(EventName = "run_recovered", Level = LogLevel.Information, Message = "going on with run {Run} of job {Job}, due {Due}: its process died ({Crashes} so far)")]
    private static partial void LogRecovered(ILogger log, string job, string run, DateTimeOffset due, int crashes);

    [LoggerMessage(EventName = "run_taken", Level = LogLevel.Warning, Message = "run {Run} of job {Job} is not this process's any more: {Reason}")]
    private static partial void LogTaken(ILogger log, string job, string run, string reason);

    [LoggerMessage(EventName = "run_broken", Level = LogLevel.Error, Message = "run {Run} of job {Job} broke off; the next start goes on with it")]
    private static partial void LogBroken(ILogger log, Exception e, string job, string run);
}
