using Microsoft.Extensions.Logging;
using ProtoAgent.Stores;

namespace ProtoAgent.Agent.Records;

/// <summary>Deletes what is older than it is to be kept: once when it starts, then once a day.</summary>
/// <param name="what">In the log: <c>threads</c>.</param>
/// <param name="delete">Deletes what is older than that; how many.</param>
public sealed partial class Retention(
    string what, TimeSpan keep, Func<DateTimeOffset, CancellationToken, Task<long>> delete, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
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
            if (await delete(time.GetUtcNow() - keep, _stopping.Token) is > 0 and var deleted)
            {
                LogDeleted(logger, deleted, what, keep.TotalDays);
            }
        }
        catch (StoreException e)
        {
            LogFailed(logger, what, e.Message);
        }
    }

    [LoggerMessage(EventName = "expired", Level = LogLevel.Information, Message = "deleted {Count} {What} older than {Days} days")]
    private static partial void LogDeleted(ILogger log, long count, string what, double days);

    [LoggerMessage(EventName = "retention_failed", Level = LogLevel.Warning, Message = "old {What} could not be deleted; tried again tomorrow: {Reason}")]
    private static partial void LogFailed(ILogger log, string what, string reason);
}
