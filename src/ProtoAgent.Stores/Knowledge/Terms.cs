using System.Runtime.InteropServices;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>How often each word is in one chunk, a heading's counting double as bm25 is told; by hash.</summary>
internal sealed class Terms(ulong[] hashes, byte[] weights)
{
    /// <summary>As much as a posting holds; from there on more says next to nothing.</summary>
    public const int MostWeight = 63;

    private const int HeadingWeight = 2;

    public ReadOnlySpan<ulong> Hashes => hashes;

    public ReadOnlySpan<byte> Weights => weights;

    public static Terms Of(string content, string heading, TokenFolds folds)
    {
        var counts = new Dictionary<ulong, int>(128);
        Count(content, 1);
        Count(heading, HeadingWeight);
        var hashes = new ulong[counts.Count];
        counts.Keys.CopyTo(hashes, 0);
        return new Terms(hashes, Array.ConvertAll(hashes, h => (byte)Math.Min(MostWeight, counts[h])));

        void Count(string text, int weight)
        {
            if (PlainWords.Are(text))
            {
                foreach (var word in new PlainWords(text, stackalloc char[SearchText.LongestWord]))
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(counts, Hash(word), out _) += weight;
                }

                return;
            }

            foreach (var token in SearchText.Tokens(text))
            {
                foreach (var folded in folds.Of(token))
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(counts, Hash(folded), out _) += weight;
                }
            }
        }
    }

    public int Weight(ulong hash) => Array.IndexOf(hashes, hash) is >= 0 and var at ? weights[at] : 0;

    /// <summary>FNV-1a, mixed, because its upper bits are read by themselves. Lies in the file: it must stay what it is.</summary>
    public static ulong Hash(ReadOnlySpan<char> token)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in token)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93UL;
        return hash ^ (hash >> 32);
    }
}
