using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>What is to become of the due times a job has reached: one step of it, decided from the job, its schedule and the time alone.</summary>
internal abstract record CatchUp
{
    /// <summary>Later than this, nobody was there. As long as a start or a take-over may last on a busy machine.</summary>
    public static readonly TimeSpan OnTime = TimeSpan.FromSeconds(10);

    /// <summary>Runs of one job that may wait for each other where its policy sets no limit.</summary>
    public const int MostWaiting = 1_000;

    private CatchUp()
    {
    }

    /// <summary>Nobody answers these.</summary>
    public sealed record Miss(IReadOnlyList<DateTimeOffset> Due, DateTimeOffset? Next, string Reason) : CatchUp;

    /// <param name="MostOpen">With so many runs of the job open it is skipped.</param>
    /// <param name="IsLate">It makes up for an absence.</param>
    public sealed record Fire(DateTimeOffset Due, DateTimeOffset? Next, int MostOpen, bool IsLate) : CatchUp;

    /// <param name="job">Its next fire has come.</param>
    /// <param name="ledger">How long the ledger is kept: what is older is not written into it one by one.</param>
    /// <param name="isBehind">What is due came due in an absence, however lately: what is made up for before it may still be on its way.</param>
    public static CatchUp Of(Job job, JobSchedule schedule, DateTimeOffset now, TimeSpan ledger, bool isBehind = false)
    {
        var first = job.NextFire!.Value;
        if (first < now - ledger && schedule.Next(first, job.Anchor) is { } second && second < now - ledger)
        {
            return new Miss([first], schedule.Next(now - ledger, job.Anchor), JobReasons.TooLate);
        }

        var window = job.Policy.Missed == MissedFires.Skip || job.Policy.MissedWindow < OnTime ? OnTime : job.Policy.MissedWindow;

        // Where each is made up for, it is enough to know of one more.
        var enough = job.Policy.Missed == MissedFires.FireAll && first >= now - window ? 2 : JobStore.MaxRecorded + 1;
        var due = new List<DateTimeOffset> { first };
        DateTimeOffset? next;
        while ((next = schedule.Next(due[^1], job.Anchor)) <= now && due.Count < enough)
        {
            due.Add(next.Value);
        }

        var tooLate = due.FindAll(d => d < now - window);
        if (tooLate.Count > 0)
        {
            return MissFirst(tooLate.Count, JobReasons.TooLate);
        }

        if (due.Count > 1 && job.Policy.Missed != MissedFires.FireAll)
        {
            return MissFirst(due.Count - 1, JobReasons.Superseded);
        }

        var isLate = isBehind || due.Count > 1 || first < now - OnTime;
        return new Fire(first, due.Count > 1 ? due[1] : next, isLate ? LateLimit(job.Policy) : Limit(job.Policy.Overlap), isLate);

        Miss MissFirst(int count, string reason)
        {
            count = Math.Min(count, JobStore.MaxRecorded);
            return new Miss(due[..count], count < due.Count ? due[count] : next, reason);
        }
    }

    /// <summary>Those that are made up for one after the other wait for each other, whatever is said of those that come on time.</summary>
    private static int LateLimit(JobPolicy policy) => policy.Missed == MissedFires.FireAll ? MostWaiting : Limit(policy.Overlap);

    private static int Limit(Overlap overlap) => overlap switch
    {
        Overlap.Skip => 1,
        Overlap.QueueOne => 2,
        _ => MostWaiting,
    };
}
