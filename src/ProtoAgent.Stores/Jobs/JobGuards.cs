namespace ProtoAgent.Stores.Jobs;

/// <summary>What a caller may not ask. Each says what is wrong and what to do.</summary>
internal static class JobGuards
{
    public static void New(NewJob job)
    {
        if (job.Id is { } id && JobIds.Problem(id) is { } problem)
        {
            throw new ArgumentException(problem, nameof(job));
        }

        Definition(job.Prompt, job.Schedule, job.Timezone, job.Policy);
        if (job.NextFire > job.Policy.EndAt)
        {
            throw new ArgumentException(
                $"The job would never fire: it is due first at {job.NextFire:O} and ends at {job.Policy.EndAt:O}. Move end_at, or leave it out.", nameof(job));
        }
    }

    public static void Edit(JobEdit edit) => Definition(edit.Prompt, edit.Schedule, edit.Timezone, edit.Policy);

    public static void Limit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, JobStore.MaxPage);
    }

    public static void Runner(string runner) => ArgumentException.ThrowIfNullOrWhiteSpace(runner);

    /// <summary>A schedule that stands still would fire for ever.</summary>
    public static void Onward(DateTimeOffset due, DateTimeOffset? nextFire)
    {
        if (nextFire?.ToUnixTimeMilliseconds() <= due.ToUnixTimeMilliseconds())
        {
            throw new ArgumentException($"The next fire, {nextFire:O}, is not after the one that is due, {due:O}. Take the schedule's next time after it.", nameof(nextFire));
        }
    }

    public static void Recorded(IReadOnlyList<DateTimeOffset> due, DateTimeOffset? nextFire, RunStatus status)
    {
        if (status is not (RunStatus.Missed or RunStatus.Skipped))
        {
            throw new ArgumentException($"A due time is recorded as missed or skipped, not as {JobNames.Of(status)}. Claim it instead.", nameof(status));
        }

        if (due.Count is 0 or > JobStore.MaxRecorded)
        {
            throw new ArgumentException($"1 to {JobStore.MaxRecorded} due times are recorded at once, not {due.Count}. Record the rest afterwards.", nameof(due));
        }

        for (var i = 1; i < due.Count; i++)
        {
            Onward(due[i - 1], due[i]);
        }

        Onward(due[^1], nextFire);
    }

    public static void End(RunStatus status, DateTimeOffset? retryAt)
    {
        if (status is not (RunStatus.Done or RunStatus.Failed or RunStatus.Skipped))
        {
            throw new ArgumentException($"A run can't end as {JobNames.Of(status)}. It ends as done, failed or skipped.", nameof(status));
        }

        if (retryAt is not null && status != RunStatus.Failed)
        {
            throw new ArgumentException($"A run that is {JobNames.Of(status)} is not tried again. Leave retryAt out.", nameof(retryAt));
        }
    }

    private static void Definition(string prompt, string schedule, string timezone, JobPolicy policy)
    {
        if (string.IsNullOrWhiteSpace(prompt) || string.IsNullOrWhiteSpace(schedule) || string.IsNullOrWhiteSpace(timezone))
        {
            throw new ArgumentException("A job has a prompt, a schedule and a time zone; one of them is blank. Give all three ('UTC' is a time zone).", nameof(prompt));
        }

        if (policy.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(policy));
        }
    }
}
