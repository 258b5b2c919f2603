using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// The best by bm25 over every chunk that has any of the words. FTS5 takes some 500 ns for each such chunk, and nearly all have some
/// common word; so common words are counted from the sealed blocks, and FTS5 is asked for the rest. See README.md.
/// </summary>
internal sealed class KeywordSearch(TokenFolds folds)
{
    /// <summary>One in so many chunks has a common word. Below that FTS5's own list is read faster than a look into every block takes.</summary>
    private const int Common = 170;

    /// <summary>Blocks that are asked how common a word is. Either way scores the same, so that a guess is enough.</summary>
    private const int Samples = 2;

    private const long MostCounted = 1_000;

    /// <summary>Ordered by the index itself, so that what the filter drops costs a look and no more.</summary>
    private const string Ranked =
        $"""
        SELECT {KnowledgeRows.Columns}, chunks_fts.rank FROM chunks_fts CROSS JOIN chunks c ON c.id = chunks_fts.rowid
        WHERE chunks_fts MATCH ?5 AND {KnowledgeRows.Fits} ORDER BY chunks_fts.rank LIMIT ?6
        """;

    private readonly OpenChunks _open = new(folds);

    public IReadOnlyList<ChunkHit> Find(SqliteSession session, string query, ChunkFilter filter, int limit) => Find(session, SearchQuery.Parse(query), filter, limit);

    /// <summary>By the rarest of the terms alone: they say most, and cost least.</summary>
    public IReadOnlyList<ChunkHit> FindRarest(SqliteSession session, string query, int most, ChunkFilter filter, int limit)
    {
        var blocks = Sealed(session);
        return Find(
            session,
            [
                .. SearchQuery.Parse(query).Select(t => (Term: t, Frequency: Frequency(session, t, blocks))).Where(t => t.Frequency > 0)
                    .OrderBy(t => t.Frequency).Take(most).Select(t => t.Term),
            ],
            filter, limit);
    }

    public List<ChunkHit> Find(SqliteSession session, IReadOnlyList<SearchQuery.Term> terms, ChunkFilter filter, int limit)
    {
        if (terms.Count == 0)
        {
            return [];
        }

        var blocks = Sealed(session);
        var common = terms.Where(t => IsCommon(session, t, blocks)).ToList();
        using var board = common.Count == 0 ? null : ScoreBoard.Open(session, _open);
        if (board is null)
        {
            var scored = Scored(session, Any(terms));
            return Fitting(session, take => Best(scored, take), filter, limit);
        }

        common.ForEach(t => board.AddWord(Terms.Hash(folds.Of(t.Token!)[0])));
        if (terms.Count > common.Count)
        {
            foreach (var (id, score) in Scored(session, Any(terms.Except(common))))
            {
                board.Add(id, score);
            }
        }

        return Fitting(session, board.Best, filter, limit);
    }

    /// <summary>As FTS5 alone answers it.</summary>
    public static List<ChunkHit> Rank(SqliteSession session, IReadOnlyList<SearchQuery.Term> terms, ChunkFilter filter, int limit)
    {
        var found = new List<ChunkHit>();
        using var rows = session.Query(Ranked, KnowledgeRows.Values(filter, Any(terms), limit));
        while (rows.Read())
        {
            found.Add(new ChunkHit(KnowledgeRows.Chunk(rows), -rows.Real(KnowledgeRows.ColumnCount)));
        }

        return found;
    }

    private static string Any(IEnumerable<SearchQuery.Term> terms) => string.Join(" OR ", terms.Select(t => t.Expression));

    /// <summary>Unordered: sorting all of them in SQL costs more than finding the best here. bm25() by name, for rank is compiled anew each time.</summary>
    private static List<(long Id, float Score)> Scored(SqliteSession session, string expression)
    {
        var found = new List<(long, float)>();
        using var rows = session.Query("SELECT rowid, bm25(chunks_fts, 1.0, 2.0) FROM chunks_fts WHERE chunks_fts MATCH ?1", expression);
        while (rows.Read())
        {
            found.Add((rows.Integer(0), (float)-rows.Real(1)));
        }

        return found;
    }

    private static IReadOnlyList<(long Id, float Score)> Best(List<(long Id, float Score)> scored, int take)
    {
        var best = new TopScores(take);
        scored.ForEach(s => best.Offer(s.Id, s.Score));
        return best.Ordered();
    }

    /// <summary>What the filter drops is in the way: then it looks further.</summary>
    private static List<ChunkHit> Fitting(SqliteSession session, Func<int, IReadOnlyList<(long Id, float Score)>> bestOf, ChunkFilter filter, int limit)
    {
        for (var take = limit + 8; ; take *= 8)
        {
            var (best, found) = (bestOf(take), new List<ChunkHit>());
            foreach (var (id, score) in best)
            {
                using var rows = session.Query(
                    $"SELECT {KnowledgeRows.Columns} FROM chunks c WHERE c.id = ?5 AND c.invalidated_at IS NULL AND {KnowledgeRows.Fits}", KnowledgeRows.Values(filter, id));
                if (rows.Read())
                {
                    found.Add(new ChunkHit(KnowledgeRows.Chunk(rows), score));
                    if (found.Count == limit)
                    {
                        return found;
                    }
                }
            }

            if (best.Count < take)
            {
                return found;
            }
        }
    }

    private bool IsCommon(SqliteSession session, SearchQuery.Term term, long blocks) => Seen(session, term, blocks) * Common >= Samples * BlockFormat.Chunks;

    /// <summary>In how many chunks, roughly: counted as far as that is cheap. A phrase or a beginning is taken for rare.</summary>
    private long Frequency(SqliteSession session, SearchQuery.Term term, long blocks) =>
        term.Token is null ? 1
        : session.Integer("SELECT COUNT(*) FROM (SELECT 1 FROM chunks_fts WHERE chunks_fts MATCH ?1 LIMIT ?2)", term.Expression, MostCounted) is { } counted and < MostCounted ? counted
        : MostCounted + Seen(session, term, blocks);

    /// <summary>How many chunks of a few blocks have it; 0 where that can't be told.</summary>
    private int Seen(SqliteSession session, SearchQuery.Term term, long blocks)
    {
        if (blocks == 0 || term.Token is not { } token || folds.Of(token) is not [var folded])
        {
            return 0;
        }

        var (hash, seen) = (Terms.Hash(folded), 0);
        for (var i = 0; i < Samples; i++)
        {
            using var rows = session.Query("SELECT postings FROM packed WHERE id = ?1", BlockFormat.Row(blocks * ((2 * i) + 1) / (2 * Samples), hash));
            seen += rows.Read() ? BlockFormat.Find(rows.Blob(0), hash).Length : 0;
        }

        return seen;
    }

    private static long Sealed(SqliteSession session) => (session.Integer("SELECT MAX(block) FROM blocks") ?? -1) + 1;
}
