using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Composition;

/// <summary>
/// Keeps what the box is told of this instance's warnings right, also while nobody asks it: a server that is gone, a file that was edited
/// and a certificate that ends are nobody's event.
/// </summary>
internal sealed partial class WarningsWatch : IAsyncDisposable
{
    /// <summary>Short against how long a warning stands, long against what a look costs.</summary>
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(1);

    private readonly RunningInstance _instance;
    private readonly PeriodicTimer _timer;
    private readonly ILogger _log;
    private readonly Task _looking;

    public WarningsWatch(RunningInstance instance, TimeProvider time, ILogger log)
    {
        _instance = instance;
        _timer = new PeriodicTimer(s_every, time);
        _log = log;
        _looking = LookAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _looking;
    }

    private async Task LookAsync()
    {
        do
        {
            try
            {
                _instance.PublishWarnings();
            }
            catch (Exception e)
            {
                LogFailed(_log, e);
            }
        }
        while (await _timer.WaitForNextTickAsync());
    }

    [LoggerMessage(EventName = "warnings_unknown", Level = LogLevel.Error, Message = "the standing warnings could not be looked at for the box; tried again in a minute")]
    private static partial void LogFailed(ILogger log, Exception e);
}
