using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// The best by bm25, without scoring every chunk that has any common word of the query. A chunk's score is a sum over words, and
/// what common words can add is bounded: chunks that have none of the rare ones can't come in front, so only the others are
/// scored (MaxScore; Turtle and Flood 1995). README.md has what it saves, and what it keeps of the exact answer.
/// </summary>
internal sealed class KeywordSearch
{
    /// <summary>More candidates than that are not looked at, whatever they might add.</summary>
    private const int MostCandidates = 3_000;

    /// <summary>
    /// What a common word adds at most, in units of its weight (idf). The utmost is 2.2, for a short chunk that says nothing else;
    /// with this one of fifty answers differs, and most of the time is saved.
    /// </summary>
    private const double Usual = 1.4;

    /// <summary>Ordered by the index itself, so that what the filter drops costs a look and no more.</summary>
    private const string Ranked =
        $"""
        SELECT {KnowledgeRows.Columns}, chunks_fts.rank FROM chunks_fts CROSS JOIN chunks c ON c.id = chunks_fts.rowid
        WHERE chunks_fts MATCH ?5 AND {KnowledgeRows.Fits} ORDER BY chunks_fts.rank LIMIT ?6
        """;

    private readonly TermFrequencies _frequencies = new();

    /// <summary>In how many valid chunks the term is, roughly; 0 where that is not known without looking.</summary>
    public long Frequency(SqliteSession session, SearchQuery.Term term) =>
        term.Token is { } token ? _frequencies.Of(session, token, KnowledgeRows.Total(session, "chunks")) : 0;

    public IReadOnlyList<ChunkHit> Find(SqliteSession session, string query, ChunkFilter filter, int limit) => Find(session, SearchQuery.Parse(query), filter, limit);

    public IReadOnlyList<ChunkHit> Find(SqliteSession session, IReadOnlyList<SearchQuery.Term> terms, ChunkFilter filter, int limit)
    {
        if (terms.Count == 0)
        {
            return [];
        }

        var chunks = KnowledgeRows.Total(session, "chunks");
        var weighed = terms.Select(t => new Weighed(t, Frequency(session, t), chunks)).OrderBy(t => t.Frequency).ToList();
        var rare = Rare(weighed, limit);
        if (rare == weighed.Count)
        {
            return Exact(session, terms, filter, limit);
        }

        var common = weighed.Skip(rare).Where(w => w.Weight > Weighed.Least).ToDictionary(w => w.Term.Token!, w => w.Weight, StringComparer.Ordinal);
        var best = Best(session, [.. weighed.Take(rare).Select(w => w.Term)], common, filter, limit);

        // The filter may leave too few of those with a rare word.
        return best.Count == limit ? best : Exact(session, terms, filter, limit);
    }

    /// <summary>In the order of the rare words' score, each with what the common ones add, until the rest can't come in front.</summary>
    private static List<ChunkHit> Best(SqliteSession session, IReadOnlyList<SearchQuery.Term> rare, Dictionary<string, double> common, ChunkFilter filter, int limit)
    {
        var scorer = new Bm25(KnowledgeRows.Total(session, "chunks"), KnowledgeRows.Total(session, "tokens"));
        var most = common.Values.Sum() * Usual;
        var best = new PriorityQueue<ChunkHit, double>();
        using var rows = session.Query(Ranked, KnowledgeRows.Values(filter, Expression(rare), MostCandidates));
        while (rows.Read())
        {
            var score = -rows.Real(KnowledgeRows.ColumnCount);
            if (best.Count == limit && best.TryPeek(out _, out var least) && score + most <= least)
            {
                break;
            }

            var hit = new ChunkHit(KnowledgeRows.Chunk(rows), score);
            hit = hit with { Score = score + scorer.Score(hit.Chunk, common) };
            if (best.Count < limit)
            {
                best.Enqueue(hit, hit.Score);
            }
            else
            {
                best.EnqueueDequeue(hit, hit.Score);
            }
        }

        return [.. best.UnorderedItems.Select(i => i.Element).OrderByDescending(h => h.Score).ThenBy(h => h.Chunk.Id)];
    }

    /// <summary>As FTS5 answers it: every chunk that has any of the terms is scored.</summary>
    public static IReadOnlyList<ChunkHit> Exact(SqliteSession session, IReadOnlyList<SearchQuery.Term> terms, ChunkFilter filter, int limit)
    {
        var found = new List<ChunkHit>();
        using var rows = session.Query(Ranked, KnowledgeRows.Values(filter, Expression(terms), limit));
        while (rows.Read())
        {
            found.Add(new ChunkHit(KnowledgeRows.Chunk(rows), -rows.Real(KnowledgeRows.ColumnCount)));
        }

        return found;
    }

    private static string Expression(IReadOnlyList<SearchQuery.Term> terms) => string.Join(" OR ", terms.Select(t => t.Expression));

    /// <summary>
    /// How many of the terms, the rarest first, the best chunks must have one of. Enough of them have the last of these (each
    /// scoring about its weight) that chunks with nothing but the others stay behind.
    /// </summary>
    private static int Rare(List<Weighed> terms, int limit)
    {
        var (seen, floor) = (0L, 0.0);
        for (var taken = 1; taken < terms.Count; taken++)
        {
            var last = terms[taken - 1];
            seen += last.Frequency;
            floor = seen >= limit && last.Term.Token is not null ? Math.Max(floor, last.Weight) : floor;
            if (floor > 0 && terms.Skip(taken).All(t => t.Term.Token is not null) && terms.Skip(taken).Sum(t => t.Weight) * Usual <= floor)
            {
                return taken;
            }
        }

        return terms.Count;
    }

    private sealed record Weighed(SearchQuery.Term Term, long Frequency, long Chunks)
    {
        /// <summary>What FTS5 gives a word that more than half of the chunks have.</summary>
        public const double Least = 1e-6;

        public double Weight { get; } = Math.Max(Least, Math.Log((Chunks - Frequency + 0.5) / (Frequency + 0.5)));
    }
}
