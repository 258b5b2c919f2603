using System.Threading.Channels;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>
/// The one timer of the schedule. It wakes at a time of the wall clock, when that clock is set, and when somebody rings;
/// nothing wakes it else.
/// </summary>
internal sealed class Alarm : IDisposable
{
    /// <summary>A provider's timer takes no longer time; who waits longer looks again then.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40);

    private readonly Channel<bool> _rung = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TimeProvider _time;
    private readonly ClockTimer? _clock;
    private readonly ITimer? _timer;

    public Alarm(TimeProvider time)
    {
        _time = time;

        // A timer of .NET counts elapsed time: it would not notice that the clock was set, nor the hours the machine slept.
        if (time == TimeProvider.System)
        {
            _clock = new ClockTimer(Ring);
        }
        else
        {
            _timer = time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Ring() => _rung.Writer.TryWrite(true);

    /// <summary>Until then, or until something happened: whoever waits looks again what is due, and when next.</summary>
    /// <param name="at">Null: until something happens.</param>
    public async Task UntilAsync(DateTimeOffset? at, CancellationToken cancelled)
    {
        DateTimeOffset now;
        do
        {
            now = _time.GetUtcNow();
            var wait = at - now;
            if (wait <= TimeSpan.Zero)
            {
                return;
            }

            _clock?.Set(at);
            _timer?.Change(wait is null ? Timeout.InfiniteTimeSpan : wait < s_longest ? wait.Value : s_longest, Timeout.InfiniteTimeSpan);
        }
        while (_timer is not null && at is not null && _time.GetUtcNow() != now); // Moved meanwhile: this timer counts from where it stands, not until a time.

        await _rung.Reader.ReadAsync(cancelled);
    }

    public void Dispose()
    {
        _clock?.Dispose();
        _timer?.Dispose();
    }
}
