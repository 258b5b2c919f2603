using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Memory;

/// <summary>Removes incognito conversations: a while after their last turn, when the instance stops, and, after a crash, when it is back.</summary>
public sealed partial class IncognitoThreads : IAsyncDisposable
{
    private readonly ICheckpointStore _checkpoints;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly QuietWatch _quiet;
    private Task _sweeping = Task.CompletedTask;

    public IncognitoThreads(ICheckpointStore checkpoints, MemoryOptions options, TimeProvider time, ILogger<IncognitoThreads> logger)
    {
        (_checkpoints, _idle, _time, _logger) = (checkpoints, options.IncognitoIdle, time, logger);
        _quiet = new QuietWatch(time, options.IncognitoIdle, (_, _) => SweepAsync(_time.GetUtcNow() - _idle));
    }

    /// <summary>What a process that died left. A conversation nobody can know to be over is over: its process was.</summary>
    public void Start() => _sweeping = SweepAsync(_time.GetUtcNow());

    /// <summary>Of a turn that has ended. Neither waits nor throws.</summary>
    public void TurnEnded(TurnEnded turn)
    {
        if (ThreadIds.IsIncognito(turn.ThreadId))
        {
            _quiet.Touch(turn.ThreadId);
        }
    }

    /// <summary>Once no turn runs any more; before the threads' store is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _quiet.DisposeAsync();
        await _sweeping;
        await SweepAsync(DateTimeOffset.MaxValue);
    }

    /// <inheritdoc cref="QuietWatch.FlushAsync"/>
    internal Task FlushAsync() => _quiet.FlushAsync();

    private async Task SweepAsync(DateTimeOffset before)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await _checkpoints.DeleteIncognitoThreadsAsync(before);
        }
        catch (Exception e)
        {
            LogLeft(_logger, e.Message);
        }
    }

    [LoggerMessage(EventName = "incognito_left", Level = LogLevel.Error, Message = "incognito conversations that are over could not be deleted; it is tried again at the next start, and by DELETE /api/chat/sessions: {Reason}")]
    private static partial void LogLeft(ILogger log, string reason);
}
