namespace ProtoAgent.Agent.Tools;

/// <summary>How much alike two texts are, in time that grows with their length alone: for "did you mean" over many candidates.</summary>
internal sealed class Similarity
{
    private const int Longest = 500;

    private readonly Dictionary<(char, char), int> _pairs;
    private readonly int _count;

    public Similarity(ReadOnlySpan<char> wanted)
    {
        _pairs = Pairs(wanted, out _count);
    }

    /// <summary>The share of neighbouring letter pairs both have (Sørensen–Dice), ignoring case: 0 to 1.</summary>
    public double To(ReadOnlySpan<char> candidate)
    {
        var pairs = Pairs(candidate, out var count);
        var both = pairs.Sum(p => Math.Min(p.Value, _pairs.GetValueOrDefault(p.Key)));
        return _count + count == 0 ? 0 : 2.0 * both / (_count + count);
    }

    private static Dictionary<(char, char), int> Pairs(ReadOnlySpan<char> text, out int count)
    {
        var pairs = new Dictionary<(char, char), int>();
        text = text[..Math.Min(text.Length, Longest)];
        for (var i = 1; i < text.Length; i++)
        {
            var pair = (char.ToLowerInvariant(text[i - 1]), char.ToLowerInvariant(text[i]));
            pairs[pair] = pairs.GetValueOrDefault(pair) + 1;
        }

        count = Math.Max(0, text.Length - 1);
        return pairs;
    }
}
