using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>Works the schedule for as long as it is owned: what is due is claimed or recorded, then it sleeps until more is.</summary>
internal sealed partial class DueLoop(
    SchedulerServices services, IJobStore store, JobRuns runs, JobEvents events, Alarm alarm, Action<DateTimeOffset?> slept)
{
    /// <summary>Due jobs looked at in one go: their claims share transactions.</summary>
    private const int AtOnce = 256;

    /// <summary>A run in the hands of another live process is looked at again after so long: nothing tells us when that dies.</summary>
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    /// <summary>Until cancelled, or until the lease is lost: then it returns.</summary>
    public async Task RunAsync(OwnerLease lease, CancellationToken cancelled)
    {
        var pause = s_shortestPause;
        var (recovered, isFirstLook) = (false, true);
        ClockSetBack? clock = null;
        while (lease.IsStillHeld())
        {
            try
            {
                recovered = recovered || await runs.RecoverAsync(cancelled);
                clock ??= new ClockSetBack(services, store, await store.LastEndAsync(cancelled));
                await clock.LookAsync(cancelled);
                if (!await AnswerAsync(lease, isFirstLook, cancelled))
                {
                    return;
                }

                isFirstLook = false;
                var next = await store.NextDueAsync(cancelled);
                slept(next);
                pause = s_shortestPause;
                var look = services.Time.GetUtcNow() + s_lookAgain;
                await alarm.UntilAsync(recovered || next < look ? next : look, cancelled);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // A store in trouble has said so in the log itself. What is due stays due.
                // Of a claim that failed it is not known whether it was written.
                recovered = false;
                LogTrouble(services.Logger, e is StoreException ? null : e, e.Message, pause.TotalSeconds);
                await Task.Delay(pause, services.Time, cancelled);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }
        }
    }

    /// <summary>Everything that is due by now. False when the lease was lost.</summary>
    /// <param name="wasAway">Nobody looked before: all of it came due in an absence.</param>
    private async Task<bool> AnswerAsync(OwnerLease lease, bool wasAway, CancellationToken cancelled)
    {
        // Jobs of which a due time was made up for in this look; the last one of an absence may be on time to the second.
        var behind = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var due = await store.DueAsync(AtOnce, cancelled);
            if (due.Jobs.Count + due.Retries.Count == 0)
            {
                return true;
            }

            var steps = due.Jobs.Select(j => StepAsync(j, lease, wasAway, behind)).Concat(due.Retries.Select(r => RetryAsync(r, lease))).ToList();
            if ((await Task.WhenAll(steps)).Contains(false))
            {
                return false;
            }
        }
    }

    /// <summary>One step of one job. False when the lease was lost: asked before each claim, because a file can be taken from under a lock.</summary>
    /// <param name="behind">Touched before the first await only: steps begin one after the other.</param>
    private async Task<bool> StepAsync(Job job, OwnerLease lease, bool wasAway, HashSet<string> behind)
    {
        CatchUp step;
        try
        {
            step = CatchUp.Of(job, JobSchedule.Parse(job.Schedule, job.Timezone), services.Time.GetUtcNow(), services.Options.Retention, wasAway || behind.Contains(job.Id));
        }
        catch (ScheduleException e)
        {
            // A zone that left the machine, or a newer program's schedule: it must not be asked for ever.
            await store.PauseAsync(job.Id, e.Code);
            LogUnreadable(services.Logger, job.Id, e.Message);
            events.Changed("paused", job.Id, e.Code);
            return true;
        }

        if (!lease.IsStillHeld())
        {
            return false;
        }

        if (step is CatchUp.Fire { IsLate: true })
        {
            behind.Add(job.Id);
        }

        if (step is CatchUp.Miss miss)
        {
            if (await store.RecordAsync(job.Id, miss.Due, miss.Next, RunStatus.Missed, miss.Reason))
            {
                LogMissed(services.Logger, job.Id, miss.Due.Count, miss.Due[0], miss.Due[^1], miss.Reason);
                events.Missed(job.Id, miss);
            }
        }
        else if (step is CatchUp.Fire fire)
        {
            Claimed(job, await store.ClaimAsync(job.Id, fire.Due, fire.Next, services.Runner, fire.MostOpen));
        }

        return true;
    }

    private void Claimed(Job job, Run? run)
    {
        if (run is { Status: RunStatus.Skipped })
        {
            LogOverlap(services.Logger, job.Id, run.DueAt);
            events.Run("skipped", run);
        }
        else if (run is not null)
        {
            runs.Begin(run, job);
        }
    }

    private async Task<bool> RetryAsync(Run failed, OwnerLease lease)
    {
        if (!lease.IsStillHeld())
        {
            return false;
        }

        if (await store.ClaimRetryAsync(failed.Id, services.Runner) is { } run && await store.GetAsync(run.JobId) is { } job)
        {
            runs.Begin(run, job, prompt: true);
        }

        return true;
    }

    [LoggerMessage(EventName = "schedule_trouble", Level = LogLevel.Error, Message = "the schedule can't be worked just now, and is looked at again in {Seconds} s: {Reason}")]
    private static partial void LogTrouble(ILogger log, Exception? e, string reason, double seconds);

    [LoggerMessage(EventName = "job_unreadable", Level = LogLevel.Error, Message = "job {Job} is paused: its schedule can't be read here. {Reason}")]
    private static partial void LogUnreadable(ILogger log, string job, string reason);

    [LoggerMessage(EventName = "job_missed", Level = LogLevel.Warning, Message = "{Count} due times of job {Job} were missed, from {First} to {Last}: {Reason}")]
    private static partial void LogMissed(ILogger log, string job, int count, DateTimeOffset first, DateTimeOffset last, string reason);

    [LoggerMessage(EventName = "job_overlap", Level = LogLevel.Information, Message = "job {Job} was due at {Due} and still runs: skipped, as its policy says")]
    private static partial void LogOverlap(ILogger log, string job, DateTimeOffset due);
}
