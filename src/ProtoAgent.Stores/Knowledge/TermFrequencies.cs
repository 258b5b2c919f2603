using System.Collections.Concurrent;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// In how many chunks a word is. Asking the index walks the word's whole list, so that common words are remembered until the
/// knowledge has grown or shrunk by a twentieth: they only decide the order of work and the weight of what is common anyway.
/// </summary>
internal sealed class TermFrequencies
{
    /// <summary>A rarer word is asked faster than it is remembered.</summary>
    private const int WorthKeeping = 500;

    private const int MostKept = 2_000;

    private readonly ConcurrentDictionary<string, (long Count, long Of)> _kept = new(StringComparer.Ordinal);

    public bool IsKept(string token) => _kept.ContainsKey(token);

    /// <param name="chunks">How many there are now.</param>
    public long Of(SqliteSession session, string token, long chunks)
    {
        if (_kept.TryGetValue(token, out var kept) && Math.Abs(kept.Of - chunks) * 20 <= chunks)
        {
            return kept.Count;
        }

        var count = session.Integer("SELECT doc FROM chunks_terms WHERE term = ?1", token) ?? 0;
        if (count >= WorthKeeping)
        {
            if (_kept.Count >= MostKept)
            {
                _kept.Clear();
            }

            _kept[token] = (count, chunks);
        }

        return count;
    }
}
