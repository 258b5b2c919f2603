using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>Jobs as people, peers and models change them. Reading serves always, writing only where the schedule is owned.</summary>
/// <remarks>
/// Besides what stands at each: <see cref="SchedulerNotOwnedException"/> from whatever writes, <see cref="ScheduleException"/> for
/// a schedule that can't be read or has no time to come, <see cref="ArgumentException"/> for anything else that can't be a
/// job, <see cref="Stores.StoreException"/>.
/// </remarks>
public interface IJobDesk
{
    /// <summary>Adds a job, unless the same one is there.</summary>
    /// <exception cref="JobConflictException">The id is another job's.</exception>
    Task<Added> AddAsync(JobDraft draft, CancellationToken cancellationToken);

    Task<Job?> GetAsync(string id, CancellationToken cancellationToken);

    Task<JobPage> ListAsync(int limit, string? cursor, CancellationToken cancellationToken);

    /// <summary>Makes the job what the draft says, all of it. Null if there is no such job.</summary>
    /// <param name="version">As the edit was made on; null for whatever it is now.</param>
    /// <exception cref="StaleJobException">Somebody else changed it.</exception>
    /// <exception cref="JobConflictException">There is another one just like it.</exception>
    Task<Job?> UpdateAsync(string id, JobDraft draft, long? version, CancellationToken cancellationToken);

    Task<Job?> PauseAsync(string id, CancellationToken cancellationToken);

    Task<Job?> ResumeAsync(string id, CancellationToken cancellationToken);

    /// <summary>Runs it now, once, whatever its schedule says. Null if there is no such job.</summary>
    Task<Run?> RunNowAsync(string id, CancellationToken cancellationToken);

    Task<bool> DeleteAsync(string id, CancellationToken cancellationToken);

    Task<RunPage> RunsAsync(string id, int limit, string? cursor, CancellationToken cancellationToken);

    /// <summary>Adds the job under the draft's id, or makes the job of that id what the draft says and lets it go on.</summary>
    Task<Job> RearmAsync(JobDraft draft, CancellationToken cancellationToken);
}

/// <param name="Prompt">1 to 65,536 characters.</param>
/// <param name="Schedule">See <see cref="JobSchedule.Parse"/>.</param>
public sealed record JobDraft(string Prompt, string Schedule)
{
    /// <summary>IANA name; null for UTC.</summary>
    public string? Timezone { get; init; }

    /// <summary>Null makes one.</summary>
    public string? Id { get; init; }

    /// <summary>The conversation its turns go to; null for the activity thread.</summary>
    public string? SessionId { get; init; }

    /// <summary>Null for the defaults.</summary>
    public JobPolicy? Policy { get; init; }
}
