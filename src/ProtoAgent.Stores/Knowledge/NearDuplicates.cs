using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>Whether something new says what is there already, by the share of tokens both have (Jaccard).</summary>
internal sealed class NearDuplicates(KeywordSearch search)
{
    /// <summary>At least this alike says the same.</summary>
    public const double Same = 0.85;

    /// <summary>At least this alike is a later version.</summary>
    public const double Revision = 0.6;

    /// <summary>
    /// Looked up by its rarest tokens. Texts alike by 0.6 share three quarters of their tokens, so that hardly a pair shares none
    /// of sixteen, and these cost next to nothing to look up.
    /// </summary>
    private const int Rarest = 16;

    /// <summary>Long words are rare words: how rare is asked of the longest, and of none that is known as common.</summary>
    private const int Asked = 24;

    private const int Candidates = 12;

    public static double Overlap(HashSet<string> a, HashSet<string> b)
    {
        var both = a.Count(b.Contains);
        return a.Count + b.Count == both ? 1 : (double)both / (a.Count + b.Count - both);
    }

    /// <summary>The most alike of the same namespace and domain; null if none is alike enough to matter.</summary>
    public (Chunk Chunk, double Overlap)? Find(SqliteSession session, NewChunk chunk)
    {
        var tokens = SearchText.Set(chunk.Content);
        if (tokens.Count == 0)
        {
            return null;
        }

        var likely = tokens.Where(t => !search.IsCommon(t)).OrderByDescending(t => t.Length).ThenBy(t => t, StringComparer.Ordinal).Take(Asked).ToList();
        var terms = (likely.Count > 0 ? likely : [.. tokens]).Select(t => new SearchQuery.Term($"\"{t}\"", t))
            .OrderBy(t => search.Frequency(session, t)).ThenBy(t => t.Token, StringComparer.Ordinal).Take(Rarest).ToList();
        (Chunk, double)? best = null;
        foreach (var hit in search.Find(session, terms, new ChunkFilter(chunk.Namespace, chunk.Domain), Candidates))
        {
            var overlap = Overlap(tokens, SearchText.Set(hit.Chunk.Content));
            if (overlap >= Revision && !(best?.Item2 >= overlap))
            {
                best = (hit.Chunk, overlap);
            }
        }

        return best;
    }
}
