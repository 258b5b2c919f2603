using System.Collections.Immutable;
using System.Threading.Channels;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>Turns as they run, for whoever follows one, from when it begins to. What was before is in the thread.</summary>
public sealed class TurnFeed
{
    private readonly Lock _gate = new();
    private volatile ImmutableDictionary<string, ImmutableList<TurnFollower>> _followers = ImmutableDictionary<string, ImmutableList<TurnFollower>>.Empty;

    /// <summary>From now on, whether or not there is such a turn.</summary>
    public TurnFollower Follow(string turnId)
    {
        var follower = new TurnFollower(me => Change(turnId, all => all.Remove(me)));
        Change(turnId, all => all.Add(follower));
        return follower;
    }

    public void Happened(NewTurn turn, TurnEvent happened) => Offer(turn.TurnId, happened);

    /// <summary>Also of turns that end without being run.</summary>
    public void Ended(TurnEnded turn) => Offer(turn.TurnId, happened: null);

    /// <summary>The instance stops: nobody is to wait for more.</summary>
    public void Close()
    {
        foreach (var follower in _followers.Values.SelectMany(f => f))
        {
            follower.Dispose();
        }
    }

    private void Offer(string turnId, TurnEvent? happened)
    {
        // Every piece of every answer comes by here, and as a rule nobody follows.
        if (_followers.TryGetValue(turnId, out var all))
        {
            all.ForEach(f => f.Offer(happened));
        }
    }

    private void Change(string turnId, Func<ImmutableList<TurnFollower>, ImmutableList<TurnFollower>> change)
    {
        lock (_gate)
        {
            var changed = change(_followers.GetValueOrDefault(turnId, []));
            _followers = changed.IsEmpty ? _followers.Remove(turnId) : _followers.SetItem(turnId, changed);
        }
    }
}

/// <summary>One who follows a turn. If it is too slow it is dropped, never waited for.</summary>
public sealed class TurnFollower : IDisposable
{
    /// <summary>Events that may wait: pieces of an answer come by the hundred a second.</summary>
    public const int Capacity = 4096;

    private readonly Channel<TurnEvent?> _waiting = Channel.CreateBounded<TurnEvent?>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Action<TurnFollower> _leave;

    internal TurnFollower(Action<TurnFollower> leave) => _leave = leave;

    /// <summary>Null when the turn has ended and that is written.</summary>
    public ChannelReader<TurnEvent?> Events => _waiting.Reader;

    /// <summary>It was too slow. Reading ends behind what waits.</summary>
    public bool Dropped { get; private set; }

    public void Dispose()
    {
        _leave(this);
        _waiting.Writer.TryComplete();
    }

    internal void Offer(TurnEvent? happened)
    {
        if (!_waiting.Writer.TryWrite(happened) && _waiting.Writer.TryComplete())
        {
            Dropped = true;
        }
    }
}
