using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Stores.Jobs;
using ProtoAgent.Tests.Stores.Jobs;

namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>The real store under a real file, and the little of a scheduler that its surfaces meet: it fires nothing.</summary>
internal sealed class TestDesk : IJobDesk, IAsyncDisposable
{
    public JobFixture Fixture { get; } = new();

    public IJobStore Store { get; private set; } = null!;

    /// <summary>Somebody else's schedule: writes are refused with this.</summary>
    public SchedulerNotOwnedException? NotOwned { get; set; }

    /// <summary>Between the caller's reading and its writing: what another does meanwhile. Once.</summary>
    public Func<Task>? Meanwhile { get; set; }

    public static async Task<TestDesk> OpenAsync()
    {
        var desk = new TestDesk();
        desk.Store = await desk.Fixture.OpenAsync();
        return desk;
    }

    public Task<Added> AddAsync(JobDraft draft, CancellationToken cancellationToken)
    {
        Owned();
        var (schedule, next) = Read(draft);
        return Store.AddAsync(
            new NewJob(draft.Prompt, schedule.Text, schedule.Timezone, next) { Id = draft.Id, SessionId = draft.SessionId, Policy = draft.Policy ?? new JobPolicy() }, cancellationToken);
    }

    public Task<Job?> GetAsync(string id, CancellationToken cancellationToken) => Store.GetAsync(id, cancellationToken);

    public Task<JobPage> ListAsync(int limit, string? cursor, CancellationToken cancellationToken) => Store.ListAsync(limit, cursor, cancellationToken);

    public async Task<Job?> UpdateAsync(string id, JobDraft draft, long? version, CancellationToken cancellationToken)
    {
        Owned();
        if (Meanwhile is { } meanwhile)
        {
            Meanwhile = null;
            await meanwhile();
        }

        var (schedule, next) = Read(draft);
        return await Store.GetAsync(id, cancellationToken) is not { } job ? null : await Store.UpdateAsync(
            id, new JobEdit(draft.Prompt, schedule.Text, schedule.Timezone, draft.SessionId, draft.Policy ?? new JobPolicy(), next), version ?? job.Version, cancellationToken);
    }

    public Task<Job?> PauseAsync(string id, CancellationToken cancellationToken)
    {
        Owned();
        return Store.PauseAsync(id, cancellationToken: cancellationToken);
    }

    public async Task<Job?> ResumeAsync(string id, CancellationToken cancellationToken)
    {
        Owned();
        return await Store.GetAsync(id, cancellationToken) is not { } job ? null
            : await Store.ResumeAsync(id, JobSchedule.Parse(job.Schedule, job.Timezone).Next(Fixture.Now, job.Anchor), cancellationToken);
    }

    public Task<Run?> RunNowAsync(string id, CancellationToken cancellationToken)
    {
        Owned();
        return Store.RunNowAsync(id, "p1", cancellationToken);
    }

    public Task<bool> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        Owned();
        return Store.DeleteAsync(id, cancellationToken);
    }

    public Task<RunPage> RunsAsync(string id, int limit, string? cursor, CancellationToken cancellationToken) => Store.RunsAsync(id, limit, cursor, cancellationToken);

    public async Task<Job> RearmAsync(JobDraft draft, CancellationToken cancellationToken) =>
        await Store.GetAsync(draft.Id!, cancellationToken) is null
            ? (await AddAsync(draft, cancellationToken)).Job
            : await UpdateAsync(draft.Id!, draft, null, cancellationToken) is { State: JobState.Active } job ? job
            : (await ResumeAsync(draft.Id!, cancellationToken))!;

    public ValueTask DisposeAsync() => Fixture.DisposeAsync();

    private void Owned()
    {
        if (NotOwned is { } refused)
        {
            throw refused;
        }
    }

    private (JobSchedule Schedule, DateTimeOffset Next) Read(JobDraft draft)
    {
        var schedule = JobSchedule.Parse(draft.Schedule, draft.Timezone);
        return (schedule, schedule.Next(Fixture.Now, Fixture.Now) ?? throw new ScheduleException("in_the_past", $"'{schedule.Text}' is past: it never fires. Give a time to come."));
    }
}
