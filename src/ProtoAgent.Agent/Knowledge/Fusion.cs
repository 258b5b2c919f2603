using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge;

/// <summary>Two orders made one.</summary>
internal static class Fusion
{
    /// <summary>Reciprocal rank fusion's constant (Cormack, Clarke, Büttcher 2009): how little it matters to be first rather than third.</summary>
    private const double K = 60;

    /// <summary>By the sum of 1 / (60 + rank) over the lists: the scores themselves can't be compared.</summary>
    public static IReadOnlyList<ChunkHit> ByRank(params ReadOnlySpan<IReadOnlyList<ChunkHit>> lists)
    {
        var scores = new Dictionary<long, ChunkHit>();
        foreach (var list in lists)
        {
            for (var i = 0; i < list.Count; i++)
            {
                var hit = scores.TryGetValue(list[i].Chunk.Id, out var known) ? known : list[i] with { Score = 0 };
                scores[hit.Chunk.Id] = hit with { Score = hit.Score + (1 / (K + i + 1)) };
            }
        }

        return [.. scores.Values.OrderByDescending(h => h.Score).ThenBy(h => h.Chunk.Id)];
    }

    /// <summary>Two sources may hold the same page; saying it twice costs context and says nothing. The first, so the better, stays.</summary>
    public static IReadOnlyList<ChunkHit> Distinct(IReadOnlyList<ChunkHit> hits, int k) => [.. hits.DistinctBy(h => (h.Chunk.Heading, h.Chunk.Content)).Take(k)];
}
