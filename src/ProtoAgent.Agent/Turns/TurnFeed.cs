using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Threading.Channels;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>Turns as they run, for whoever follows one, from when it begins to. What was before is in the thread.</summary>
public sealed class TurnFeed
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, StringBuilder> _saying = new(StringComparer.Ordinal);
    private volatile ImmutableDictionary<string, ImmutableList<TurnFollower>> _followers = ImmutableDictionary<string, ImmutableList<TurnFollower>>.Empty;

    /// <summary>From now on, whether or not there is such a turn.</summary>
    public TurnFollower Follow(string turnId)
    {
        // Words that are in no step yet would else be missed by whoever comes while they are said.
        _saying.TryGetValue(turnId, out var words);
        lock (words ?? new StringBuilder())
        {
            var follower = new TurnFollower(me => Change(turnId, all => all.Remove(me)), words?.ToString() ?? "");
            Change(turnId, all => all.Add(follower));
            return follower;
        }
    }

    public void Happened(NewTurn turn, TurnEvent happened)
    {
        if (happened is TurnEvent.Started)
        {
            _saying[turn.TurnId] = new StringBuilder();
        }

        if (!_saying.TryGetValue(turn.TurnId, out var words))
        {
            Offer(turn.TurnId, happened);
            return;
        }

        lock (words)
        {
            if (happened is TurnEvent.Delta piece)
            {
                words.Append(piece.Text);
            }
            else if (happened is not TurnEvent.Thought)
            {
                words.Clear();
            }

            Offer(turn.TurnId, happened);
        }

        if (happened is TurnEvent.Completed or TurnEvent.Failed or TurnEvent.Parked)
        {
            _saying.TryRemove(turn.TurnId, out _);
        }
    }

    /// <summary>Also of turns that end without being run.</summary>
    public void Ended(TurnEnded turn)
    {
        _saying.TryRemove(turn.TurnId, out _);
        Offer(turn.TurnId, happened: null);
    }

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

    internal TurnFollower(Action<TurnFollower> leave, string said)
    {
        _leave = leave;
        Said = said;
    }

    /// <summary>What the model had said by then of what is no step yet.</summary>
    public string Said { get; }

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
