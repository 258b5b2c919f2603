using Microsoft.Extensions.Logging;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>
/// Notices that the clock was set back, and brings jobs back to it: a clock that was years ahead for a moment would else keep
/// every job silent for years.
/// </summary>
/// <param name="latest">The latest time anything says it was; null if nothing does.</param>
internal sealed partial class ClockSetBack(SchedulerServices services, IJobStore store, DateTimeOffset? latest)
{
    /// <summary>Less than this is a clock that is kept right.</summary>
    private static readonly TimeSpan s_worthIt = TimeSpan.FromMinutes(1);

    private DateTimeOffset? _seen = latest;

    public async Task LookAsync(CancellationToken cancelled)
    {
        var now = services.Time.GetUtcNow();
        if (_seen is { } seen && seen - now > s_worthIt)
        {
            LogSetBack(services.Logger, seen, now, await BringBackAsync(now, cancelled));
        }

        _seen = now;
    }

    private async Task<int> BringBackAsync(DateTimeOffset now, CancellationToken cancelled)
    {
        var brought = 0;
        string? cursor = null;
        do
        {
            var page = await store.ListAsync(JobStore.MaxPage, cursor, cancelled);
            foreach (var job in page.Items.Where(j => j.State == JobState.Active))
            {
                if (Next(job, now) is { } next && next < job.NextFire && await store.BringForwardAsync(job.Id, job.NextFire!.Value, next, cancelled))
                {
                    brought++;
                }
            }

            cursor = page.Next;
        }
        while (cursor is not null);
        return brought;
    }

    /// <summary>Null too for a schedule that can't be read: whoever fires it says so.</summary>
    private static DateTimeOffset? Next(Job job, DateTimeOffset now)
    {
        try
        {
            return JobSchedule.Parse(job.Schedule, job.Timezone).Next(now, job.Anchor);
        }
        catch (ScheduleException)
        {
            return null;
        }
    }

    [LoggerMessage(EventName = "clock_set_back", Level = LogLevel.Warning, Message = "the clock was set back from {Before} to {Now}: {Jobs} jobs fire earlier than they would have; none fires twice for one due time")]
    private static partial void LogSetBack(ILogger log, DateTimeOffset before, DateTimeOffset now, int jobs);
}
