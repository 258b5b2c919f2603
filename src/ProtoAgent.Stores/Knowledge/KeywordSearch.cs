using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// The best by bm25, without scoring every chunk that has any common word of the query. A chunk's score is a sum over words, and
/// what common words can add is bounded: chunks that have none of the rare ones can't come in front, so only the others are
/// scored (MaxScore; Turtle and Flood 1995). README.md has what it saves, and what it keeps of the exact answer.
/// </summary>
internal sealed class KeywordSearch
{
    /// <summary>
    /// What a common word adds, in units of its weight (idf), against what a rare one does. The utmost would be 2.2, for a short chunk
    /// that says nothing else; with this few answers differ, and most of the time is saved.
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
        term.Token is { } token ? _frequencies.Of(session, token, KnowledgeRows.Chunks(session)) : 0;

    /// <summary>Whether it is remembered as common: without a look at the file.</summary>
    public bool IsCommon(string token) => _frequencies.IsKept(token);

    public IReadOnlyList<ChunkHit> Find(SqliteSession session, string query, ChunkFilter filter, int limit) => Find(session, SearchQuery.Parse(query), filter, limit);

    /// <summary>By the rarest of the terms alone: they say most, and cost least.</summary>
    public IReadOnlyList<ChunkHit> FindRarest(SqliteSession session, string query, int most, ChunkFilter filter, int limit) => Find(
        session,
        [
            .. SearchQuery.Parse(query).Select(t => (Term: t, Frequency: Frequency(session, t))).Where(t => t.Term.Token is null || t.Frequency > 0)
                .OrderBy(t => t.Frequency).Take(most).Select(t => t.Term),
        ],
        filter, limit);

    public IReadOnlyList<ChunkHit> Find(SqliteSession session, IReadOnlyList<SearchQuery.Term> terms, ChunkFilter filter, int limit)
    {
        if (terms.Count == 0)
        {
            return [];
        }

        var chunks = KnowledgeRows.Chunks(session);
        var weighed = terms.Select(t => new Weighed(t, Frequency(session, t), chunks)).OrderBy(t => t.Frequency).ToList();
        var taken = Rare(weighed, limit);
        if (taken < weighed.Count)
        {
            var rare = Any(weighed.Take(taken));
            var common = Any(weighed.Skip(taken).Where(w => w.Weight > Weighed.Least));
            var best = Rank(session, rare, filter, limit);
            if (common.Length > 0)
            {
                // What has common words too is scored with them; what has none has its score already.
                best = [.. best.Concat(Rank(session, $"({rare}) AND ({common})", filter, limit))
                    .OrderByDescending(h => h.Score).ThenBy(h => h.Chunk.Id).DistinctBy(h => h.Chunk.Id).Take(limit)];
            }

            // The filter may leave too few of those with a rare word.
            if (best.Count == limit)
            {
                return best;
            }
        }

        return Exact(session, terms, filter, limit);
    }

    /// <summary>As FTS5 answers it: every chunk that has any of the terms is scored.</summary>
    public static IReadOnlyList<ChunkHit> Exact(SqliteSession session, IReadOnlyList<SearchQuery.Term> terms, ChunkFilter filter, int limit) =>
        Rank(session, string.Join(" OR ", terms.Select(t => t.Expression)), filter, limit);

    private static List<ChunkHit> Rank(SqliteSession session, string expression, ChunkFilter filter, int limit)
    {
        var found = new List<ChunkHit>();
        using var rows = session.Query(Ranked, KnowledgeRows.Values(filter, expression, limit));
        while (rows.Read())
        {
            found.Add(new ChunkHit(KnowledgeRows.Chunk(rows), -rows.Real(KnowledgeRows.ColumnCount)));
        }

        return found;
    }

    private static string Any(IEnumerable<Weighed> terms) => string.Join(" OR ", terms.Select(t => t.Term.Expression));

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
