namespace ProtoAgent.Stores.Jobs;

/// <summary>
/// Scheduled jobs and a row for every due time they had. Exactly one claim per (job, due time), whoever asks; the effect is
/// at least once, with <see cref="Run.Id"/> as its idempotency key. Times are kept to the millisecond. What is acknowledged
/// survives power loss, but for <see cref="StartAsync"/> and <see cref="PruneRunsAsync"/>, which survive the process.
/// </summary>
public interface IJobStore : IJobReader, IAsyncDisposable
{
    /// <summary>Adds a job, unless one of the same prompt, schedule, time zone and session has not ended yet: that one is returned.</summary>
    /// <exception cref="JobConflictException">The id is another job's.</exception>
    /// <exception cref="ArgumentException">It says what is wrong, and what to do.</exception>
    Task<Added> AddAsync(NewJob job, CancellationToken cancellationToken = default);

    /// <summary>
    /// Changes a job in place: id, creation, last fire and counts stay, and so do its runs. A paused job stays paused; an
    /// ended one is active again if the edit gives it a next fire. Null if there is no such job.
    /// </summary>
    /// <param name="version">The <see cref="Job.Version"/> the edit was made on. Fires don't change it.</param>
    /// <exception cref="StaleJobException">Somebody else changed it.</exception>
    /// <exception cref="JobConflictException">There is another one just like it.</exception>
    /// <exception cref="ArgumentException">It says what is wrong, and what to do.</exception>
    Task<Job?> UpdateAsync(string jobId, JobEdit edit, long version, CancellationToken cancellationToken = default);

    /// <summary>
    /// No more fires and no more retries; what is claimed or runs goes on. An ended job stays ended, but is not retried. Null
    /// if there is no such job.
    /// </summary>
    /// <param name="reason">Shown to people: <see cref="JobReasons.Paused"/>, or why the job can't go on.</param>
    Task<Job?> PauseAsync(string jobId, string reason = JobReasons.Paused, CancellationToken cancellationToken = default);

    /// <summary>Makes a job active that is not, as far as its policy allows. Null if there is no such job.</summary>
    /// <param name="nextFire">Null ends it: nothing more is to come.</param>
    /// <exception cref="JobConflictException">It had ended, and there is another one just like it.</exception>
    Task<Job?> ResumeAsync(string jobId, DateTimeOffset? nextFire, CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes a job and its runs. One that runs stays until it has ended and is pruned; one that is only claimed can't be
    /// started any more. False if there is no such job.
    /// </summary>
    Task<bool> DeleteAsync(string jobId, CancellationToken cancellationToken = default);

    /// <summary>What is due by now.</summary>
    /// <param name="limit">Of each kind; 1 to 500.</param>
    Task<DueWork> DueAsync(int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Claims a due time and moves the job on to its next fire, both or neither. Null when it is not the job's next fire any
    /// more, or the due time has a row already: ask again what is due.
    /// </summary>
    /// <param name="nextFire">Later than <paramref name="dueAt"/>; null ends the job.</param>
    /// <param name="mostOpen">
    /// If the job has so many runs that have not come to their end, retries included, the due time is skipped instead and
    /// comes back as such: no two askers both see the job idle. Null: it does not matter.
    /// </param>
    Task<Run?> ClaimAsync(
        string jobId, DateTimeOffset dueAt, DateTimeOffset? nextFire, string runner, int? mostOpen = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Records due times that nobody will answer and moves the job on to its next fire, all or nothing. False when the first
    /// is not the job's next fire any more.
    /// </summary>
    /// <param name="dueAt">1 to 1,000, ascending.</param>
    /// <param name="nextFire">Later than all of them; null ends the job.</param>
    /// <param name="status"><see cref="RunStatus.Missed"/> or <see cref="RunStatus.Skipped"/>.</param>
    Task<bool> RecordAsync(
        string jobId, IReadOnlyList<DateTimeOffset> dueAt, DateTimeOffset? nextFire, RunStatus status, string? reason, CancellationToken cancellationToken = default);

    /// <summary>A claimed run that is due now, also of a job that is paused or has ended. Its schedule goes on as it was. Null if there is no such job.</summary>
    Task<Run?> RunNowAsync(string jobId, string runner, CancellationToken cancellationToken = default);

    /// <summary>Claimed → running.</summary>
    /// <exception cref="StaleFenceException">It was taken over, has ended, runs already, or its job was deleted.</exception>
    Task<Run> StartAsync(string runId, long fence, string turnId, CancellationToken cancellationToken = default);

    /// <summary>Claimed or running → done, failed or skipped, with all it means for the job.</summary>
    /// <param name="retryAt">Of a failure: when to try again. Not heeded when the job is paused or deleted.</param>
    /// <param name="reason">
    /// Why it came to this, where there is more to say than the status; null leaves what is there. <see cref="JobReasons.CrashLoop"/> pauses the job.
    /// </param>
    /// <exception cref="StaleFenceException">It was taken over, or has ended.</exception>
    Task<FinishedRun> FinishAsync(
        string runId, long fence, RunStatus status, string? error = null, DateTimeOffset? retryAt = null, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Claims a failed run whose time has come again. Null when it has not, or another was first.</summary>
    Task<Run?> ClaimRetryAsync(string runId, string runner, CancellationToken cancellationToken = default);

    /// <summary>Claimed and running ones, whoever's, the longest claimed first. Costs by their number alone.</summary>
    Task<IReadOnlyList<Run>> UnfinishedRunsAsync(CancellationToken cancellationToken = default);

    /// <summary>Claims an unfinished run anew. Null when it has ended, or another was first. Whether its runner is dead is the caller's to know.</summary>
    /// <param name="fence">As the caller read it.</param>
    Task<Run?> TakeOverAsync(string runId, long fence, string runner, CancellationToken cancellationToken = default);

    /// <summary>
    /// Leaves a claim in order, for whoever takes it over: that is then no crash. The run stays claimed or running. False if it is
    /// not the caller's any more.
    /// </summary>
    Task<bool> ReleaseAsync(string runId, long fence, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives an active job an earlier next fire, after the clock was set back: what it had reached by the wrong one is not
    /// to keep it silent. A due time that has a row is passed over when it comes. False if its next fire is another by now.
    /// </summary>
    Task<bool> BringForwardAsync(string jobId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken = default);

    /// <summary>When a run ended last; null if none has. Later than now, the clock was set back since.</summary>
    Task<DateTimeOffset?> LastEndAsync(CancellationToken cancellationToken = default);

    /// <summary>Forgets runs that ended before and are not to be tried again; how many.</summary>
    Task<long> PruneRunsAsync(DateTimeOffset before, CancellationToken cancellationToken = default);

    /// <summary>Forgets jobs that have ended, and neither fired nor were changed since, with what is left of their runs; how many.</summary>
    Task<long> PruneEndedAsync(DateTimeOffset before, CancellationToken cancellationToken = default);

    /// <summary>Why the last write failed; null when it did not.</summary>
    StoreException? Problem { get; }
}
