using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Stores.Audit;

/// <summary>
/// What the agent did, one JSON object a line, only ever added to; see README.md. One writer behind a queue, which has no
/// thread and no timer: nothing runs while nothing happens.
/// </summary>
public sealed class AuditLog : IAsyncDisposable
{
    /// <summary>How many lines wait before <see cref="WriteAsync"/> has to, and <see cref="Write"/> gives up.</summary>
    public const int Capacity = 4096;

    /// <summary>Bytes of a file before it becomes <c>audit.1.jsonl</c>.</summary>
    public const long RotateAt = 32 << 20;

    private const string Store = "audit";
    private const int Eperm = 1;
    private const int Eacces = 13;
    private const int Enospc = 28;
    private const int Erofs = 30;
    private const int Edquot = 122;

    private readonly AuditFile _file;
    private readonly Func<string, string> _redact;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Task _loop;
    private StoreException? _problem;
    private long _lost;

    /// <param name="redact">Asked for each text on its way into the file.</param>
    public AuditLog(InstancePaths paths, Func<string, string> redact, TimeProvider time, ILogger<AuditLog> logger)
        : this(paths.Audit, RotateAt, redact, time, logger)
    {
    }

    internal AuditLog(string path, long rotateAt, Func<string, string> redact, TimeProvider time, ILogger logger)
    {
        _file = new AuditFile(path, rotateAt);
        _redact = redact;
        _time = time;
        _logger = logger;
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Why the last line could not be written; null when it could. Turns go on.</summary>
    public StoreException? Problem => Volatile.Read(ref _problem);

    /// <summary>Lines lost so far that no <c>lines_lost</c> line has told of yet.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Leaves the line to the writer and never waits. A line that finds no place, or can't be written, is counted.</summary>
    public void Write(AuditLine line)
    {
        if (!_waiting.Writer.TryWrite(new Waiting(line, _time.GetUtcNow(), null)))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Completes once the line is with the operating system: it survives this process, whatever becomes of it.</summary>
    /// <exception cref="StoreException">The line is not in the file.</exception>
    public async Task WriteAsync(AuditLine line, CancellationToken cancellationToken = default)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _waiting.Writer.WriteAsync(new Waiting(line, _time.GetUtcNow(), done), cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new StoreException(Store, "store_closed", $"The audit log ({_file.Path}) is closed: the instance is shutting down.");
        }

        await done.Task;
    }

    /// <summary>Takes no more, writes what waits, and closes. Safe twice.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop;
        _file.Dispose();
    }

    private async Task LoopAsync()
    {
        await foreach (var (line, at, done) in _waiting.Reader.ReadAllAsync())
        {
            try
            {
                TellOfLost(at);
                Append(line, at);
                Report(_file.RotationFailure is { } failure ? Unrotated(failure) : null);
                done?.TrySetResult();
            }
            catch (Exception e)
            {
                Fail(e, done);
            }
        }
    }

    private void Append(AuditLine line, DateTimeOffset at) => _file.Append(line.Write(at, _redact).WrittenSpan);

    /// <summary>A gap in the file says that it is one.</summary>
    private void TellOfLost(DateTimeOffset at)
    {
        if (Lost is > 0 and var lost)
        {
            Append(new AuditLine("lines_lost").With("count", lost), at);
            Interlocked.Add(ref _lost, -lost);
        }
    }

    private void Fail(Exception error, TaskCompletionSource? done)
    {
        var explained = Explain(error);
        if (done is null || !done.TrySetException(explained))
        {
            Interlocked.Increment(ref _lost);
        }

        try
        {
            Report(explained);
        }
        catch (Exception)
        {
            // A logger that throws must not end the loop: the next line may well be written.
        }
    }

    /// <summary>A trouble is logged when it begins and when it is over, not with each line.</summary>
    private void Report(StoreException? problem)
    {
        var before = Problem?.Code;
        Volatile.Write(ref _problem, problem);
        if (problem?.Code == before)
        {
            return;
        }

        if (problem is null)
        {
            _logger.LogInformation("The audit log ({File}) can be written again.", _file.Path);
        }
        else
        {
            _logger.LogError(problem, "{Message}", problem.Message);
        }
    }

    private StoreException Explain(Exception error) => error switch
    {
        IOException { HResult: Enospc or Edquot } => Fault(
            "store_full", "can't grow: the disk or the quota is full. Turns go on unrecorded. Free some space; no restart is needed.", error),
        UnauthorizedAccessException or IOException { HResult: Eperm or Eacces or Erofs } => Fault(
            "store_read_only",
            "can't be opened for writing. Turns go on unrecorded. Check that this user may write the file, its folder and the file system; no restart is needed.",
            error),
        _ => Fault("store_failed", $"can't be written: {error.Message}. Turns go on unrecorded. Check the disk and the system log; no restart is needed.", error),
    };

    private StoreException Unrotated(IOException error) => Fault(
        "store_unrotated",
        $"is full and can't be moved away: {error.Message}. It goes on growing. Check that this user may rename files in its folder; no restart is needed.",
        error);

    private StoreException Fault(string code, string what, Exception inner) => new(Store, code, $"The audit log {_file.Path} {what}", inner);

    private sealed record Waiting(AuditLine Line, DateTimeOffset At, TaskCompletionSource? Done);
}
