namespace ProtoAgent.Stores.Knowledge;

/// <summary>The score FTS5's <c>bm25()</c> gives, worked out for one chunk and words whose weights are known.</summary>
internal sealed class Bm25(long chunks, long tokens)
{
    private const double K1 = 1.2;
    private const double B = 0.75;
    private const double HeadingWeight = 2.0;

    private readonly double _usualLength = chunks == 0 ? 1 : Math.Max(1, (double)tokens / chunks);

    /// <param name="weights">Of each token (its inverse document frequency).</param>
    public double Score(Chunk chunk, Dictionary<string, double> weights)
    {
        if (weights.Count == 0)
        {
            return 0;
        }

        var counts = new Dictionary<string, double>(weights.Count, StringComparer.Ordinal);
        var length = Count(SearchText.Index(chunk.Content), 1, weights, counts) + Count(SearchText.Index(chunk.Heading), HeadingWeight, weights, counts);
        var damping = K1 * (1 - B + (B * length / _usualLength));
        return counts.Sum(c => weights[c.Key] * c.Value * (K1 + 1) / (c.Value + damping));
    }

    private static int Count(string tokens, double weight, Dictionary<string, double> wanted, Dictionary<string, double> counts)
    {
        var length = 0;
        var known = wanted.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var range in tokens.AsSpan().Split(' '))
        {
            var token = tokens.AsSpan()[range];
            length += token.Length > 0 ? 1 : 0;
            if (known.TryGetValue(token, out var word, out _))
            {
                counts[word] = counts.GetValueOrDefault(word) + weight;
            }
        }

        return length;
    }
}
