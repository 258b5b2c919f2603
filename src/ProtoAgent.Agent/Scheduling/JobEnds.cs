using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>How a run ends: in the ledger, in the activity, on the bus; tried again, or the end of the job's patience.</summary>
/// <param name="changed">A retry may be the next thing that is due.</param>
internal sealed partial class JobEnds(SchedulerServices services, IJobStore store, JobEvents events, Action changed)
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    /// <exception cref="StaleFenceException">The run is another's by now.</exception>
    public async Task EndAsync(Run run, Job job, TurnOutcome outcome, CancellationToken stopping)
    {
        var (status, reason) = outcome switch
        {
            { Status: TurnStatus.Done } => (RunStatus.Done, null),
            { Status: TurnStatus.Cancelled } => (RunStatus.Skipped, JobReasons.Cancelled),
            { ErrorCode: "turn_crashes" or JobReasons.CrashLoop } => (RunStatus.Failed, JobReasons.CrashLoop),
            _ => (RunStatus.Failed, (string?)null),
        };
        var error = status == RunStatus.Done ? null : $"{outcome.ErrorCode}: {outcome.ErrorMessage}";
        DateTimeOffset? retryAt = status == RunStatus.Failed && reason is null && job.Policy.BackoffAfter(run.Attempt) is { } wait ? services.Time.GetUtcNow() + wait : null;

        // Told before the run is over: after a crash in between it is told again, under the same key.
        var line = new NewActivity(ActivityOrigin.Scheduler, $"job_{JobNames.Of(status)}", outcome.Reply ?? error ?? "")
        {
            ThreadId = outcome.ThreadId, TurnId = run.TurnId, JobId = run.JobId, UniqueKey = $"job:{run.JobId}/{run.Id}",
        };
        if (retryAt is null)
        {
            await RecordAsync(line);
        }

        var finished = await FinishAsync(run, status, error, retryAt, reason, stopping);
        if (finished.Run.NotBefore is not null)
        {
            events.Run("retrying", finished.Run, line.ThreadId);
            LogRetrying(services.Logger, run.JobId, run.Id, run.Attempt, finished.Run.NotBefore.Value, error!);
            changed();
            return;
        }

        if (retryAt is not null)
        {
            // It would have been tried again, but the job was paused or deleted meanwhile.
            await RecordAsync(line);
        }

        events.Run(JobNames.Of(status), finished.Run, line.ThreadId);
        LogEnded(services.Logger, status == RunStatus.Failed ? LogLevel.Warning : LogLevel.Information, run.JobId, run.Id, JobNames.Of(status), run.DueAt, error);
        await AfterAsync(run, finished);
    }

    private async Task AfterAsync(Run run, FinishedRun finished)
    {
        if (finished is { PausedJob: true, Job.PausedReason: JobReasons.CrashLoop })
        {
            LogCrashLoop(services.Logger, run.JobId);
            await PausedAsync(run, JobReasons.CrashLoop, "Processes died in this job's run again and again; the job is paused. The log before each start may say why. Resume it when that is mended.");
        }
        else if (finished.PausedJob)
        {
            LogPaused(services.Logger, run.JobId, finished.Job!.ConsecutiveFailures);
            await PausedAsync(run, JobReasons.Failures, $"{finished.Job.ConsecutiveFailures} runs failed one after another; the job is paused, as its policy says. Resume it when that is mended.");
        }
    }

    private async Task PausedAsync(Run run, string reason, string text)
    {
        // Told before it is announced: whoever hears of it finds why.
        await RecordAsync(new NewActivity(ActivityOrigin.Scheduler, "job_paused", text) { JobId = run.JobId, UniqueKey = $"job-paused:{run.JobId}/{run.Id}" });
        events.Changed("paused", run.JobId, reason);
    }

    private async Task RecordAsync(NewActivity line)
    {
        try
        {
            await services.Record(line, CancellationToken.None);
        }
        catch (StoreException e)
        {
            LogUntold(services.Logger, line.JobId!, e.Message);
        }
    }

    private Task<FinishedRun> FinishAsync(Run run, RunStatus status, string? error, DateTimeOffset? retryAt, string? reason, CancellationToken stopping) =>
        KeepTryingAsync(() => store.FinishAsync(run.Id, run.Fence, status, error, retryAt, reason), stopping);

    /// <summary>A full disk is mended sooner or later. If the instance stops before that, the next start finds the run as it was.</summary>
    private async Task<T> KeepTryingAsync<T>(Func<Task<T>> write, CancellationToken stopping)
    {
        for (var pause = s_shortestPause; ; pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause)
        {
            try
            {
                return await write();
            }
            catch (StoreException) when (!stopping.IsCancellationRequested)
            {
                await Task.Delay(pause, services.Time, stopping);
            }
        }
    }

    [LoggerMessage(EventName = "run_ended", Message = "run {Run} of job {Job}, due {Due}, is {Status}: {Reason}")]
    private static partial void LogEnded(ILogger log, LogLevel level, string job, string run, string status, DateTimeOffset due, string? reason);

    [LoggerMessage(EventName = "run_retrying", Level = LogLevel.Warning, Message = "attempt {Attempt} of run {Run} of job {Job} failed and is tried again at {At}: {Reason}")]
    private static partial void LogRetrying(ILogger log, string job, string run, int attempt, DateTimeOffset at, string reason);

    [LoggerMessage(EventName = "job_paused", Level = LogLevel.Warning, Message = "job {Job} is paused: {Failures} runs failed one after another")]
    private static partial void LogPaused(ILogger log, string job, int failures);

    [LoggerMessage(EventName = "job_crash_loop", Level = LogLevel.Error, Message = "job {Job} is paused: process after process died in its run. Look at the log before each start, then resume it")]
    private static partial void LogCrashLoop(ILogger log, string job);

    [LoggerMessage(EventName = "activity_unwritten", Level = LogLevel.Warning, Message = "what job {Job} did is missing in the activity: {Reason}")]
    private static partial void LogUntold(ILogger log, string job, string reason);
}
