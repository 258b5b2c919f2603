using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ProtoAgent.Agent.Events;

/// <summary>
/// What happens in the instance, told to whoever listens. The last events are kept, for those who come back; nothing else is:
/// the stores are authoritative, an event only says where to look. Publishing never waits and never fails.
/// </summary>
public sealed class EventBus
{
    /// <summary>Events kept for who comes back.</summary>
    public const int Kept = 256;

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Queue<BusEvent> _kept = new();
    private readonly List<EventSubscription> _listeners = [];
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);
    private long _last;
    private bool _isClosed;

    public EventBus(TimeProvider time)
    {
        _time = time;

        // Behind every number an earlier process of this instance gave out, unless it told more than a million events a second.
        _last = time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
    }

    /// <summary>Those who listen now.</summary>
    public int Listeners
    {
        get
        {
            lock (_gate)
            {
                return _listeners.Count;
            }
        }
    }

    /// <summary>How many events of each topic there were since the start.</summary>
    public IReadOnlyDictionary<string, long> Told
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, long>(_told, StringComparer.Ordinal);
            }
        }
    }

    /// <param name="data">Small: ids and a line of text. Whoever wants more reads it where it is kept.</param>
    public void Publish<T>(string topic, T data, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(data, type);
        lock (_gate)
        {
            _told[topic] = _told.GetValueOrDefault(topic) + 1;
            var happened = new BusEvent(++_last, topic, _time.GetUtcNow(), bytes);
            if (_kept.Count == Kept)
            {
                _kept.Dequeue();
            }

            _kept.Enqueue(happened);
            _listeners.ForEach(l => l.Offer(happened));
        }
    }

    /// <summary>Events from now on; or behind one that the listener saw last, as far as they are kept.</summary>
    /// <param name="after">The id of that event; null for none.</param>
    public EventSubscription Subscribe(long? after = null)
    {
        lock (_gate)
        {
            var missed = after is { } seen ? _kept.Where(e => e.Id > seen).ToList() : [];
            var gap = after < _last && (missed.Count == 0 || (missed[0].Id > after + 1 && missed.Count == _kept.Count));
            var subscription = new EventSubscription(missed, gap, Leave);
            if (_isClosed)
            {
                subscription.Dispose();
                return subscription;
            }

            _listeners.Add(subscription);
            return subscription;
        }
    }

    /// <summary>Every listener's events end behind those there are: the instance stops, and nobody is to wait for more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var listener in _listeners.ToList())
            {
                listener.Dispose();
            }
        }
    }

    private void Leave(EventSubscription subscription)
    {
        lock (_gate)
        {
            _listeners.Remove(subscription);
        }
    }
}
