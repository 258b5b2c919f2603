namespace ProtoAgent.Stores.Knowledge;

/// <summary>The best so many of a stream of scores.</summary>
internal sealed class TopScores(int take)
{
    private readonly PriorityQueue<long, float> _best = new(take + 1);
    private float _least = float.NegativeInfinity;

    public void Offer(long seq, float score)
    {
        if (score <= _least)
        {
            return;
        }

        _best.Enqueue(seq, score);
        if (_best.Count > take)
        {
            _best.Dequeue();
        }

        if (_best.Count == take)
        {
            _best.TryPeek(out _, out _least);
        }
    }

    /// <summary>Takes in what another found. May be called by several threads.</summary>
    public void Take(TopScores other)
    {
        lock (_best)
        {
            foreach (var (seq, score) in other._best.UnorderedItems)
            {
                Offer(seq, score);
            }
        }
    }

    public IReadOnlyList<(long Seq, float Score)> Ordered() => [.. _best.UnorderedItems.Select(i => (i.Element, i.Priority)).OrderByDescending(i => i.Priority).ThenBy(i => i.Element)];
}
