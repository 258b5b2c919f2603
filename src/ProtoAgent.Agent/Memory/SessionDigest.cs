using ProtoAgent.Stores.Memory;

namespace ProtoAgent.Agent.Memory;

/// <summary>
/// The last sessions in few words, in memory: a turn must not read a folder. Read when a turn first asks, then kept up with what
/// this process writes.
/// </summary>
internal sealed class SessionDigest(SessionFiles files, int shown)
{
    private readonly Lock _gate = new();
    private List<SessionHead>? _heads;
    private bool _isCut;

    /// <summary>One more than is shown, for the session that asks is left out; and some for those that are deleted.</summary>
    private int Kept => shown + 10;

    /// <summary>The latest first.</summary>
    public IReadOnlyList<SessionHead> Latest(string except)
    {
        lock (_gate)
        {
            return [.. Load_NeedsLock().Where(h => h.SessionId != except).Take(shown)];
        }
    }

    public void Put(SessionSummary summary)
    {
        lock (_gate)
        {
            if (_heads is null || shown == 0)
            {
                return;
            }

            _heads.RemoveAll(h => h.SessionId == summary.SessionId);
            if (!summary.IsForgotten)
            {
                var at = _heads.FindIndex(h => h.At <= summary.Timestamp);
                _heads.Insert(at < 0 ? _heads.Count : at, SessionHead.Of(summary));
            }

            if (_heads.Count > Kept)
            {
                _heads.RemoveRange(Kept, _heads.Count - Kept);
                _isCut = true;
            }
        }
    }

    public void Remove(string sessionId)
    {
        lock (_gate)
        {
            // Others may move up that are not here.
            if (_heads?.RemoveAll(h => h.SessionId == sessionId) > 0 && _isCut && _heads.Count <= shown)
            {
                _heads = null;
            }
        }
    }

    private List<SessionHead> Load_NeedsLock()
    {
        if (_heads is null)
        {
            var page = shown == 0 ? new SessionPage([], null) : files.List(Kept);
            _heads = [.. page.Items.Select(SessionHead.Of)];
            _isCut = page.Next is not null;
        }

        return _heads;
    }
}

/// <summary>A session as the digest has it.</summary>
internal sealed record SessionHead(string SessionId, DateTimeOffset At, string Surface, string Topic, int Messages)
{
    public static SessionHead Of(SessionSummary s) => new(s.SessionId, s.Timestamp, s.Surface, s.Topic, s.MessageCount);
}
