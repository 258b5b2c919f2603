using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>Jobs as people and tools change them: reads the schedule, asks the ledger, rings the alarm.</summary>
internal sealed class JobDesk(Scheduler scheduler, JobEvents events, TimeProvider time) : IJobDesk
{
    /// <summary>Characters.</summary>
    private const int LongestPrompt = 65_536;

    /// <summary>An edit that says no version is tried again so often when somebody else was first.</summary>
    private const int Attempts = 5;

    /// <inheritdoc/>
    public async Task<Added> AddAsync(JobDraft draft, CancellationToken cancellationToken)
    {
        var (store, schedule, now) = (await scheduler.OwnedAsync(cancellationToken), Check(draft), Now());
        var next = schedule.Next(now, now) ?? throw Past(schedule);
        var added = await store.AddAsync(
            new NewJob(draft.Prompt, schedule.Text, schedule.Timezone, next) { Id = draft.Id, SessionId = draft.SessionId, Policy = draft.Policy ?? new JobPolicy(), Anchor = now },
            CancellationToken.None);
        if (!added.Existed)
        {
            Changed("added", added.Job);
        }

        return added;
    }

    /// <inheritdoc/>
    public async Task<Job?> GetAsync(string id, CancellationToken cancellationToken) => await (await scheduler.ReadableAsync(cancellationToken)).GetAsync(id, cancellationToken);

    /// <inheritdoc/>
    public async Task<JobPage> ListAsync(int limit, string? cursor, CancellationToken cancellationToken) =>
        await (await scheduler.ReadableAsync(cancellationToken)).ListAsync(limit, cursor, cancellationToken);

    /// <inheritdoc/>
    public async Task<RunPage> RunsAsync(string id, int limit, string? cursor, CancellationToken cancellationToken) =>
        await (await scheduler.ReadableAsync(cancellationToken)).RunsAsync(id, limit, cursor, cancellationToken);

    /// <inheritdoc/>
    public async Task<Job?> UpdateAsync(string id, JobDraft draft, long? version, CancellationToken cancellationToken)
    {
        var (store, schedule) = (await scheduler.OwnedAsync(cancellationToken), Check(draft));
        for (var attempt = 1; ; attempt++)
        {
            if (await store.GetAsync(id, cancellationToken) is not { } job)
            {
                return null;
            }

            var now = Now();
            var same = schedule.Text == job.Schedule && schedule.Timezone == job.Timezone;
            var anchor = same ? job.Anchor : now;
            var next = schedule.Next(now, anchor);
            if (next is null && !(same && job.State == JobState.Ended))
            {
                // A fire that is due this very moment is still to come.
                next = same ? job.NextFire : throw Past(schedule);
            }

            try
            {
                var edit = new JobEdit(draft.Prompt, schedule.Text, schedule.Timezone, draft.SessionId, draft.Policy ?? new JobPolicy(), next) { Anchor = anchor };
                var edited = await store.UpdateAsync(id, edit, version ?? job.Version, CancellationToken.None);
                Changed("changed", edited);
                return edited;
            }
            catch (StaleJobException) when (version is null && attempt < Attempts)
            {
                // Whoever says no version wants the last word.
            }
        }
    }

    /// <inheritdoc/>
    public async Task<Job?> PauseAsync(string id, CancellationToken cancellationToken)
    {
        var paused = await (await scheduler.OwnedAsync(cancellationToken)).PauseAsync(id, cancellationToken: CancellationToken.None);
        Changed("paused", paused);
        return paused;
    }

    /// <inheritdoc/>
    public async Task<Job?> ResumeAsync(string id, CancellationToken cancellationToken)
    {
        var store = await scheduler.OwnedAsync(cancellationToken);
        if (await store.GetAsync(id, cancellationToken) is not { State: not JobState.Active } job)
        {
            return await store.GetAsync(id, cancellationToken);
        }

        var schedule = JobSchedule.Parse(job.Schedule, job.Timezone);
        var resumed = await store.ResumeAsync(id, schedule.Next(Now(), job.Anchor) ?? throw Past(schedule), CancellationToken.None);
        Changed("resumed", resumed);
        return resumed;
    }

    /// <inheritdoc/>
    public async Task<Run?> RunNowAsync(string id, CancellationToken cancellationToken) => await scheduler.RunNowAsync(id, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        if (!await (await scheduler.OwnedAsync(cancellationToken)).DeleteAsync(id, CancellationToken.None))
        {
            return false;
        }

        events.Changed("deleted", id);
        scheduler.Ring();
        return true;
    }

    /// <inheritdoc/>
    public async Task<Job> RearmAsync(JobDraft draft, CancellationToken cancellationToken)
    {
        var id = draft.Id ?? throw new ArgumentException("A job that is armed again has an id.", nameof(draft));
        if (await UpdateAsync(id, draft, version: null, cancellationToken) is not { } job)
        {
            return (await AddAsync(draft, cancellationToken)).Job;
        }

        return job.State == JobState.Active ? job : (await ResumeAsync(id, cancellationToken))!;
    }

    private static JobSchedule Check(JobDraft draft)
    {
        if (draft.Prompt.Length > LongestPrompt)
        {
            throw new ArgumentException($"The prompt has {draft.Prompt.Length} characters; {LongestPrompt} is the most. Put what is long into a file and name it.", nameof(draft));
        }

        if (draft.SessionId is { } session)
        {
            TurnRunner.RefuseBadThreadId(session);
        }

        return JobSchedule.Parse(draft.Schedule, draft.Timezone);
    }

    private static ScheduleException Past(JobSchedule schedule) =>
        new("in_the_past", $"'{schedule.Text}' ({schedule.Timezone}) is in the past: the job would never fire. Give a time to come.");

    private void Changed(string what, Job? job)
    {
        if (job is not null)
        {
            events.Changed(what, job.Id, job.PausedReason);
            scheduler.Ring();
        }
    }

    /// <summary>As it will be read back.</summary>
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
}
