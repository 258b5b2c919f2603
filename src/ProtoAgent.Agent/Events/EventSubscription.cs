using System.Threading.Channels;

namespace ProtoAgent.Agent.Events;

/// <summary>One listener's events, in order. A listener that is too slow is dropped, never waited for.</summary>
public sealed class EventSubscription : IDisposable
{
    /// <summary>Events that may wait for a listener.</summary>
    public const int Capacity = 1024;

    private readonly Channel<BusEvent> _waiting = Channel.CreateBounded<BusEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Action<EventSubscription> _leave;

    internal EventSubscription(IReadOnlyList<BusEvent> missed, bool gap, Action<EventSubscription> leave)
    {
        _leave = leave;
        Gap = gap;
        foreach (var happened in missed)
        {
            _waiting.Writer.TryWrite(happened);
        }
    }

    /// <summary>Events between the last one seen and the first one here are not kept any more.</summary>
    public bool Gap { get; }

    /// <summary>The listener was too slow: what it has not read by now it will not get. Reading ends behind what waits.</summary>
    public bool Dropped { get; private set; }

    public ChannelReader<BusEvent> Events => _waiting.Reader;

    public void Dispose()
    {
        _leave(this);
        _waiting.Writer.TryComplete();
    }

    internal void Offer(BusEvent happened)
    {
        if (!Dropped && !_waiting.Writer.TryWrite(happened))
        {
            Dropped = true;
            _waiting.Writer.TryComplete();
        }
    }
}
