using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Jobs;

/// <summary>
/// A schedule that another process owns, looked at without touching it: the file is neither made nor brought to this
/// program's version, which is its owner's business.
/// </summary>
public sealed class ForeignJobs : IJobReader, IAsyncDisposable
{
    private readonly StoreFile _file;
    private readonly ReadPool _pool;
    private readonly JobReads _reads;

    private ForeignJobs(StoreFile file)
    {
        _file = file;
        _pool = new ReadPool(file);
        _reads = new JobReads(_pool);
    }

    public static ForeignJobs At(InstancePaths paths) => new(StoreFile.Of(paths, JobSchema.Schema.Store));

    /// <inheritdoc/>
    public Task<Job?> GetAsync(string jobId, CancellationToken cancellationToken = default) => Looked(_reads.GetAsync, jobId, null, cancellationToken);

    /// <inheritdoc/>
    public Task<JobPage> ListAsync(int limit, string? cursor = null, CancellationToken cancellationToken = default) =>
        Looked((_, c) => _reads.ListAsync(limit, cursor, c), "", new JobPage([], null), cancellationToken);

    /// <inheritdoc/>
    public Task<Run?> GetRunAsync(string runId, CancellationToken cancellationToken = default) => Looked(_reads.GetRunAsync, runId, null, cancellationToken);

    /// <inheritdoc/>
    public Task<RunPage> RunsAsync(string jobId, int limit, string? cursor = null, CancellationToken cancellationToken = default) =>
        Looked((id, c) => _reads.RunsAsync(id, limit, cursor, c), jobId, new RunPage([], null), cancellationToken);

    /// <inheritdoc/>
    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken = default) =>
        Looked<DateTimeOffset?>((_, c) => _reads.NextDueAsync(c), "", null, cancellationToken);

    /// <inheritdoc/>
    public Task<long> CountAsync(CancellationToken cancellationToken = default) => Looked((_, c) => _reads.CountAsync(c), "", 0, cancellationToken);

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    /// <summary>
    /// The owner may not have made the file yet, and may be an older program or a newer one. Asked through SQLite: to open and
    /// close the file by ourselves would drop the locks that SQLite holds on it in this process.
    /// </summary>
    private async Task<T> Looked<T>(Func<string, CancellationToken, Task<T>> read, string id, T nothing, CancellationToken cancellationToken)
    {
        var version = File.Exists(_file.Path) ? await _pool.ReadAsync(session => session.Integer("PRAGMA user_version"), cancellationToken) : 0;
        return version == 0 ? nothing
            : version == JobSchema.Schema.Version ? await read(id, cancellationToken)
            : throw new StoreException(
                _file.Store,
                "store_newer",
                $"The file {_file.Path} has schema version {version} and this program knows {JobSchema.Schema.Version}: its owner is another version of the program. Ask the owner, or run the same version.");
    }
}
