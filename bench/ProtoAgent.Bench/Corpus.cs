namespace ProtoAgent.Bench;

/// <summary>Texts that look like a language and are none: words by Zipf's law, sentences, headings; and queries of four kinds. The same each time.</summary>
internal sealed class Corpus
{
    private const int Vocabulary = 40_000;
    private const ulong Seed = 20260101;
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private const string Consonants = "bcdfghjklmnprstvwxyz";
    private const string Vowels = "aeiou";

    private readonly string[] _words = new string[Vocabulary];
    private readonly double[] _cumulative = new double[Vocabulary];
    private readonly SplitMix _random;
    private readonly List<string[]> _kept = [];
    private int _made;

    /// <param name="chunks">Which texts of these words.</param>
    public Corpus(ulong chunks = Seed)
    {
        _random = new SplitMix(chunks);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var total = 0.0;
        for (var rank = 0; rank < Vocabulary; rank++)
        {
            var random = new SplitMix(Seed ^ ((ulong)(rank + 1) * Golden));
            var syllables = 2 + (int)(random.Next() % 3);
            var word = string.Concat(Enumerable.Range(0, syllables).Select(_ => $"{Consonants[(int)(random.Next() % 20)]}{Vowels[(int)(random.Next() % 5)]}"));
            _words[rank] = seen.Add(word) ? word : word + rank;
            seen.Add(_words[rank]);
            total += 1 / Math.Pow(rank + 1, 1.07);
            _cumulative[rank] = total;
        }
    }

    public (string Heading, string Content) Chunk()
    {
        var words = new string[60 + (int)(_random.Next() % 80)];
        var gap = 8 + (int)(_random.Next() % 8);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = Pick();
            if (--gap == 0 || i == words.Length - 1)
            {
                words[i] += ".";
                gap = 8 + (int)(_random.Next() % 8);
            }
        }

        var heading = string.Join(' ', Enumerable.Range(0, 4).Select(_ => Pick()));
        _random.Next();
        if (_made++ % 97 == 0)
        {
            _kept.Add(words);
        }

        return (heading, string.Join(' ', words));
    }

    /// <summary>After the chunks: phrases are taken out of them.</summary>
    public IEnumerable<(string Kind, string Query)> Queries(int count)
    {
        var random = new SplitMix(Seed ^ 0xABCDEF);
        for (var i = 0; i < count; i++)
        {
            yield return (i % 4) switch
            {
                0 => ("two common words", $"{Of(0, 50)} {Of(0, 50)}"),
                1 => ("one common, two less so", $"{Of(0, 200)} {Of(500, 5000)} {Of(500, 5000)}"),
                2 => ("two rare words", $"{Of(10_000, Vocabulary)} {Of(10_000, Vocabulary)}"),
                _ => ("eight words in a row", Row()),
            };
        }

        string Of(int low, int high) => _words[low + (int)(random.Next() % (ulong)(high - low))];

        string Row()
        {
            var words = _kept[(int)(random.Next() % (ulong)_kept.Count)];
            return string.Join(' ', words.Skip((int)(random.Next() % (ulong)(words.Length - 8))).Take(8));
        }
    }

    private string Pick()
    {
        var at = Array.BinarySearch(_cumulative, (_random.Next() >> 11) / (double)(1UL << 53) * _cumulative[^1]);
        return _words[Math.Min(at < 0 ? ~at : at, Vocabulary - 1)];
    }

    private sealed class SplitMix(ulong seed)
    {
        private ulong _state = seed;

        public ulong Next()
        {
            _state += Golden;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
