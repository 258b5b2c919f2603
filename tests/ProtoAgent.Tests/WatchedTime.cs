using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace ProtoAgent.Tests;

/// <summary>A clock that stands until the test moves it, and tells of each timer that is set.</summary>
internal sealed class WatchedTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public WatchedTime()
        : this(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Until somebody waits for that long; then it is over.</summary>
    public async Task PassAsync(TimeSpan wait, TimeSpan patience)
    {
        while (await _timers.Reader.ReadAsync().AsTask().WaitAsync(patience) != wait)
        {
        }

        Advance(wait);
    }
}
