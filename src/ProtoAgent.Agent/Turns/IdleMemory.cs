namespace ProtoAgent.Agent.Turns;

/// <summary>
/// Gives back what the turns left behind once none has run for a while: a box full of agents is mostly idle ones, and the
/// collector of an idle process never runs by itself. One timer shot after the last turn, none while nothing happens.
/// </summary>
internal sealed class IdleMemory(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(1);

    /// <summary>Less than this is not worth a collection.</summary>
    private const long WorthIt = 2 << 20;

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _allocated;
    private int _running;
    private bool _disposed;

    public void Begin()
    {
        lock (_gate)
        {
            _running++;
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void End()
    {
        lock (_gate)
        {
            if (--_running == 0 && !_disposed)
            {
                _timer ??= time.CreateTimer(_ => Collect(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(s_quiet, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void Collect()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        lock (_gate)
        {
            if (_running > 0 || _disposed || allocated - _allocated < WorthIt)
            {
                return;
            }

            _allocated = allocated;
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
