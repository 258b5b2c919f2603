using System.Runtime.InteropServices;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>Whether something new says what is there already, by the share of tokens both have (Jaccard). Asked by the one writer.</summary>
internal sealed class NearDuplicates(KeywordSearch search)
{
    /// <summary>At least this alike says the same.</summary>
    public const double Same = 0.85;

    /// <summary>At least this alike is a later version.</summary>
    public const double Revision = 0.6;

    /// <summary>
    /// Texts alike by 0.6 share three quarters of their tokens, so that of so many rare ones hardly a pair shares less than a quarter;
    /// and who shares that many is hardly ever something else.
    /// </summary>
    private const int Lists = 10;

    /// <summary>With so many it is content; else it takes tokens that are less rare too, as in a short text, or where much is known.</summary>
    private const int FewestLists = 4;

    /// <summary>Chunks a token may be in to be looked up by. Its list is read so far and no further.</summary>
    private static readonly int[] s_rare = [256, 2_048, 20_000];

    private const int Candidates = 24;

    private const int MostAsked = 64;

    private const int MostKnown = 20_000;

    /// <summary>Tokens that are in more chunks than that. They are not asked about again: what they would add is a wish, not a need.</summary>
    private readonly Dictionary<string, int> _common = new(StringComparer.Ordinal);

    public static double Overlap(HashSet<string> a, HashSet<string> b)
    {
        var both = a.Count(b.Contains);
        return a.Count + b.Count == both ? 1 : (double)both / (a.Count + b.Count - both);
    }

    /// <summary>The most alike of the same namespace and domain; null if none is alike enough to matter.</summary>
    public (Chunk Chunk, double Overlap)? Find(SqliteSession session, NewChunk chunk)
    {
        var tokens = SearchText.Set(chunk.Content);
        var alike = new ChunkFilter(chunk.Namespace, chunk.Domain);
        var (shared, lists) = Shared(session, tokens, alike);
        (Chunk, double)? best = null;
        var (filter, looked) = (KnowledgeRows.Values(alike), 0);
        foreach (var (id, _) in shared.Where(s => s.Value >= Math.Max(1, lists / 4)).OrderByDescending(s => s.Value).ThenBy(s => s.Key))
        {
            using var rows = session.Query($"SELECT {KnowledgeRows.Columns} FROM chunks c WHERE c.id = ?5 AND {KnowledgeRows.Fits}", [.. filter, id]);
            if (!rows.Read())
            {
                continue;
            }

            var found = KnowledgeRows.Chunk(rows);
            var overlap = Overlap(tokens, SearchText.Set(found.Content));
            if (overlap >= Revision && !(best?.Item2 >= overlap))
            {
                best = (found, overlap);
            }

            if (++looked == Candidates)
            {
                break;
            }
        }

        return best;
    }

    /// <summary>How many of its rare tokens others have; long words first, which are rare more often.</summary>
    private (Dictionary<long, int> Shared, int Lists) Shared(SqliteSession session, HashSet<string> tokens, ChunkFilter filter)
    {
        var (shared, lists, list) = (new Dictionary<long, int>(), 0, new List<long>());
        var left = tokens.OrderByDescending(t => t.Length).ThenBy(t => t, StringComparer.Ordinal).ToList();
        foreach (var most in s_rare)
        {
            for (var i = 0; i < left.Count && lists < (most == s_rare[0] ? Lists : FewestLists); i++)
            {
                if (_common.GetValueOrDefault(left[i]) < most && Read(session, left[i], most, list))
                {
                    lists++;
                    list.ForEach(id => CollectionsMarshal.GetValueRefOrAddDefault(shared, id, out _)++);
                    left.RemoveAt(i--);
                }
            }
        }

        // Nothing but common words: the best by all of them are those that say little else.
        if (lists == 0)
        {
            var terms = tokens.Take(MostAsked).Select(t => new SearchQuery.Term($"\"{t}\"", t)).ToList();
            search.Find(session, terms, filter, Candidates).ForEach(h => shared[h.Chunk.Id] = 1);
        }

        return (shared, lists);
    }

    /// <returns>Whether that is all of the list.</returns>
    private bool Read(SqliteSession session, string token, int most, List<long> list)
    {
        list.Clear();
        using var rows = session.Query("SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH ?1 LIMIT ?2", $"\"{token}\"", most + 1L);
        while (rows.Read())
        {
            list.Add(rows.Integer(0));
        }

        if (list.Count <= most)
        {
            return true;
        }

        if (_common.Count == MostKnown)
        {
            _common.Clear();
        }

        _common[token] = most;
        return false;
    }
}
