using System.Text;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>Rows of the knowledge as records, and the questions that only read.</summary>
internal static class KnowledgeRows
{
    public const string Columns =
        "c.id, c.content, c.heading, c.namespace, c.domain, c.source, c.source_type, c.trust, c.created_at, c.updated_at, c.invalidated_at, c.invalidation, c.reason, c.superseded_by";

    /// <summary>How many columns <see cref="Columns"/> has.</summary>
    public const int ColumnCount = 14;

    /// <summary>A filter as SQL over <c>c</c>, with ?1 to ?4 as <see cref="Values"/> gives them.</summary>
    public const string Fits =
        "(?1 IS NULL OR c.namespace = ?1) AND (?2 IS NULL OR c.domain = ?2) AND c.trust >= ?3 AND (?4 IS NULL OR c.source = ?4)";

    public static Chunk? Find(SqliteSession session, long id)
    {
        using var rows = session.Query($"SELECT {Columns} FROM chunks c WHERE c.id = ?1", id);
        return rows.Read() ? Chunk(rows) : null;
    }

    public static SqliteValue[] Values(ChunkFilter filter, params ReadOnlySpan<SqliteValue> more) =>
        [filter.Namespace, filter.Domain, (long)filter.Floor, filter.Source, .. more];

    /// <summary>The newest first.</summary>
    /// <param name="before">The id a page ended with; null for the first.</param>
    public static ChunkPage Page(SqliteSession session, ChunkFilter filter, bool withInvalid, int limit, long? before)
    {
        var found = new List<Chunk>();
        using var rows = session.Query(
            $"SELECT {Columns} FROM chunks c WHERE {Fits} AND (?5 = 1 OR c.invalidated_at IS NULL) AND (?6 IS NULL OR c.id < ?6) ORDER BY c.id DESC LIMIT ?7",
            Values(filter, withInvalid ? 1L : 0L, before, limit + 1L));
        while (rows.Read())
        {
            found.Add(Chunk(rows));
        }

        return new ChunkPage([.. found.Take(limit)], found.Count > limit ? $"{found[limit - 1].Id}" : null);
    }

    /// <summary>Through <c>chunks_valid</c>.</summary>
    public static IReadOnlyList<Chunk> Notes(SqliteSession session, string domain, ChunkTrust floor, int limit)
    {
        var found = new List<Chunk>();
        using var rows = session.Query(
            $"SELECT {Columns} FROM chunks c WHERE c.domain = ?1 AND c.invalidated_at IS NULL AND c.source_type = 'note' AND c.trust >= ?2 ORDER BY c.trust DESC, c.id DESC LIMIT ?3",
            domain, (long)floor, limit);
        while (rows.Read())
        {
            found.Add(Chunk(rows));
        }

        return found;
    }

    /// <summary>What a chunk took the place of, and that before it: the latest first.</summary>
    public static IReadOnlyList<Chunk> Earlier(SqliteSession session, long id)
    {
        var found = new List<Chunk>();
        using var rows = session.Query(
            $"""
            WITH RECURSIVE line(id) AS (SELECT ?1 UNION SELECT o.id FROM chunks o JOIN line ON o.superseded_by = line.id)
            SELECT {Columns} FROM chunks c JOIN line USING (id) WHERE c.id <> ?1 ORDER BY c.id DESC LIMIT 100
            """,
            id);
        while (rows.Read())
        {
            found.Add(Chunk(rows));
        }

        return found;
    }

    /// <summary>The valid chunks of a source, with what tells them apart, in their order.</summary>
    public static List<(Chunk Chunk, string Digest)> OfSource(SqliteSession session, string @namespace, string source)
    {
        var found = new List<(Chunk, string)>();
        using var rows = session.Query(
            $"SELECT {Columns}, c.digest FROM chunks c WHERE c.namespace = ?1 AND c.source = ?2 AND c.invalidated_at IS NULL ORDER BY c.position, c.id", @namespace, source);
        while (rows.Read())
        {
            found.Add((Chunk(rows), Convert.ToHexString(rows.Blob(ColumnCount))));
        }

        return found;
    }

    /// <param name="behind">The namespace and source a page ended with, as one text.</param>
    public static (List<KnownDocument> Items, string? Next) Documents(SqliteSession session, string? @namespace, bool withDeleted, int limit, string? behind)
    {
        var (space, source) = behind?.Split('\n') is [var s, var n] ? (s, n) : ("", "");
        var found = new List<KnownDocument>();
        using var rows = session.Query(
            """
            SELECT d.namespace, d.source, d.title, d.source_type, d.trust, d.domain, d.ingested_at, d.deleted_at,
              (SELECT COUNT(*) FROM chunks c WHERE c.namespace = d.namespace AND c.source = d.source AND c.invalidated_at IS NULL)
            FROM documents d WHERE (?1 IS NULL OR d.namespace = ?1) AND (?2 = 1 OR d.deleted_at IS NULL) AND (d.namespace, d.source) > (?3, ?4)
            ORDER BY d.namespace, d.source LIMIT ?5
            """,
            @namespace,
            withDeleted ? 1L : 0L,
            space,
            source,
            limit + 1L);
        while (rows.Read())
        {
            found.Add(new KnownDocument(
                new Document(rows.Text(1), rows.Text(2), rows.Text(3), KnowledgeNames.Trust(rows.Integer(4)), rows.Text(0), rows.Text(5)),
                rows.Integer(8), Time(rows.Integer(6)), rows.IntegerOrNull(7) is { } deleted ? Time(deleted) : null));
        }

        return found.Count > limit ? (found[..limit], $"{found[limit - 1].Document.Namespace}\n{found[limit - 1].Document.Source}") : (found, null);
    }

    public static KnowledgeStats Stats(SqliteSession session, long? model)
    {
        var byDomain = new SortedDictionary<string, long>(StringComparer.Ordinal);
        using (var rows = session.Query("SELECT domain, COUNT(*) FROM chunks WHERE invalidated_at IS NULL GROUP BY domain"))
        {
            while (rows.Read())
            {
                byDomain[rows.Text(0)] = rows.Integer(1);
            }
        }

        return new KnowledgeStats(
            Chunks(session),
            byDomain,
            session.Integer("SELECT COUNT(*) FROM documents WHERE deleted_at IS NULL") ?? 0,
            session.Integer("SELECT COUNT(*) FROM chunks WHERE invalidated_at IS NOT NULL AND invalidation = 'superseded'") ?? 0,
            model is { } m ? session.Integer("SELECT COUNT(*) FROM vectors v JOIN chunks c ON c.id = v.chunk_id WHERE v.model = ?1 AND c.invalidated_at IS NULL", m) ?? 0 : 0);
    }

    /// <summary>How many are valid: counting them each time would read them all.</summary>
    public static long Chunks(SqliteSession session) => session.Integer("SELECT value FROM totals WHERE name = 'chunks'") ?? 0;

    public static Chunk Chunk(SqliteRows rows) => new(
        rows.Integer(0), rows.Text(1), rows.Text(2), rows.Text(3), rows.Text(4), rows.TextOrNull(5), rows.Text(6), KnowledgeNames.Trust(rows.Integer(7)),
        Time(rows.Integer(8)), Time(rows.Integer(9)))
    {
        InvalidatedAt = rows.IntegerOrNull(10) is { } at ? Time(at) : null,
        Invalidation = rows.TextOrNull(11) is { } name ? KnowledgeNames.Invalidation(name) : null,
        Reason = rows.TextOrNull(12),
        SupersededBy = rows.IntegerOrNull(13),
    };

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
