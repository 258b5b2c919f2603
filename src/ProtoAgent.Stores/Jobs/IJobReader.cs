namespace ProtoAgent.Stores.Jobs;

/// <summary>What can be asked of jobs by who may not change them: reading takes no ownership.</summary>
public interface IJobReader
{
    Task<Job?> GetAsync(string jobId, CancellationToken cancellationToken = default);

    /// <summary>The latest added first.</summary>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cursor">The <see cref="JobPage.Next"/> of the page before; null for the first.</param>
    Task<JobPage> ListAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default);

    Task<Run?> GetRunAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>A job's runs, the latest due first.</summary>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cursor">The <see cref="RunPage.Next"/> of the page before; null for the first.</param>
    Task<RunPage> RunsAsync(string jobId, int limit, string? cursor = null, CancellationToken cancellationToken = default);

    /// <summary>When something is due next: a fire or a retry. Null when nothing is to come.</summary>
    Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken = default);

    /// <summary>How many jobs there are.</summary>
    Task<long> CountAsync(CancellationToken cancellationToken = default);
}
