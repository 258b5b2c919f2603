using Microsoft.Extensions.Logging;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Threads;

/// <summary>Deletes threads not touched for long: once when it starts, then once a day.</summary>
public sealed partial class ThreadRetention(ICheckpointStore checkpoints, TimeSpan keep, TimeProvider time, ILogger<ThreadRetention> logger) : IAsyncDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(s_every, time);
        try
        {
            do
            {
                await DeleteAsync();
            }
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task DeleteAsync()
    {
        try
        {
            if (await checkpoints.DeleteThreadsBeforeAsync(time.GetUtcNow() - keep, _stopping.Token) is > 0 and var deleted)
            {
                LogDeleted(logger, deleted, keep.TotalDays);
            }
        }
        catch (StoreException e)
        {
            LogFailed(logger, e.Message);
        }
    }

    [LoggerMessage(EventName = "threads_deleted", Level = LogLevel.Information, Message = "deleted {Threads} threads not touched for {Days} days")]
    private static partial void LogDeleted(ILogger log, int threads, double days);

    [LoggerMessage(EventName = "retention_failed", Level = LogLevel.Warning, Message = "old threads could not be deleted; tried again tomorrow: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);
}
