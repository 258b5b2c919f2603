using System.Collections.Immutable;
using System.Text;
using System.Threading.Channels;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>
/// Turns as they run, for whoever follows one, from when it begins to. What was before is in the thread, but for the words of an answer
/// that is being said: who comes in the middle of one gets them first, in one piece.
/// </summary>
public sealed class TurnFeed
{
    private readonly Lock _gate = new();
    private volatile ImmutableDictionary<string, ImmutableList<TurnFollower>> _followers = ImmutableDictionary<string, ImmutableList<TurnFollower>>.Empty;

    /// <summary>Of turns that are saying something now.</summary>
    private readonly Dictionary<string, Words> _words = [];

    /// <summary>From now on, whether or not there is such a turn.</summary>
    public TurnFollower Follow(string turnId)
    {
        var follower = new TurnFollower(me => Change(turnId, all => all.Remove(me)));

        // Together: a word is in what the follower gets first, or comes to it after, and never both or neither.
        lock (_gate)
        {
            Change(turnId, all => all.Add(follower));
            if (_words.TryGetValue(turnId, out var words))
            {
                words.Tell(follower);
            }
        }

        return follower;
    }

    public void Happened(NewTurn turn, TurnEvent happened)
    {
        lock (_gate)
        {
            switch (happened)
            {
                case TurnEvent.Delta said:
                    WordsOf(turn.TurnId).Said.Append(said.Text);
                    break;
                case TurnEvent.Thought thought:
                    WordsOf(turn.TurnId).Thought.Append(thought.Text);
                    break;
                default:
                    // They are a step by now, or nothing at all.
                    _words.Remove(turn.TurnId);
                    break;
            }

            Offer(turn.TurnId, happened);
        }
    }

    /// <summary>Also of turns that end without being run.</summary>
    public void Ended(TurnEnded turn)
    {
        lock (_gate)
        {
            _words.Remove(turn.TurnId);
            Offer(turn.TurnId, happened: null);
        }
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

    private Words WordsOf(string turnId) => _words.TryGetValue(turnId, out var words) ? words : _words[turnId] = new Words();

    private sealed class Words
    {
        public StringBuilder Thought { get; } = new();

        public StringBuilder Said { get; } = new();

        public void Tell(TurnFollower follower)
        {
            if (Thought.Length > 0)
            {
                follower.Offer(new TurnEvent.Thought(Thought.ToString()));
            }

            if (Said.Length > 0)
            {
                follower.Offer(new TurnEvent.Delta(Said.ToString()));
            }
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
    private volatile bool _left;

    internal TurnFollower(Action<TurnFollower> leave) => _leave = leave;

    /// <summary>Null when the turn has ended and that is written.</summary>
    public ChannelReader<TurnEvent?> Events => _waiting.Reader;

    /// <summary>It was too slow. Reading ends behind what waits.</summary>
    public bool Dropped { get; private set; }

    public void Dispose()
    {
        _left = true;
        _leave(this);
        _waiting.Writer.TryComplete();
    }

    internal void Offer(TurnEvent? happened)
    {
        if (!_left && !Dropped && !_waiting.Writer.TryWrite(happened))
        {
            // In this order: whoever reads to the end asks why it ended.
            Dropped = true;
            _waiting.Writer.TryComplete();
        }
    }
}
