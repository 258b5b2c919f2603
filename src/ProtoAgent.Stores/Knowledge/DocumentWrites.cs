using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>A document comes in, again or for the first time, or goes: all of it in the caller's one transaction.</summary>
internal static class DocumentWrites
{
    /// <summary>A piece that changed is looked for among so many new ones on each side of its place.</summary>
    private const int Nearby = 20;

    /// <summary>Pieces that are there stay as they are, with their ids; only what changed is written.</summary>
    /// <param name="vectors">By the piece's digest, in hex; what has none gets one later.</param>
    public static DocumentChange Replace(
        SqliteSession session, Document document, IReadOnlyList<Piece> pieces, long? model, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> vectors, long now)
    {
        var old = KnowledgeRows.OfSource(session, document.Namespace, document.Source);
        var free = old.GroupBy(o => o.Digest, StringComparer.Ordinal).ToDictionary(g => g.Key, g => new Queue<Chunk>(g.Select(o => o.Chunk)), StringComparer.Ordinal);
        var (added, kept) = (new List<(long Id, int Position, string Content)>(), 0);
        for (var i = 0; i < pieces.Count; i++)
        {
            var digest = Convert.ToHexString(pieces[i].Digest);
            if (free.TryGetValue(digest, out var same) && same.TryDequeue(out var chunk))
            {
                session.Execute("UPDATE chunks SET position = ?2, domain = ?3, trust = ?4 WHERE id = ?1", chunk.Id, i, document.Domain, (long)document.Trust);
                kept++;
                continue;
            }

            var id = ChunkWrites.Insert(
                session,
                new NewChunk(pieces[i].Content, document.Trust, pieces[i].Heading, document.Namespace, document.Domain, document.Source, document.SourceType), i, pieces[i].Digest, now);
            added.Add((id, i, pieces[i].Content));
            if (model is { } of && vectors.TryGetValue(digest, out var vector))
            {
                VectorRows.Put(session, id, of, vector);
            }
        }

        var gone = old.Select((o, i) => (o.Chunk, Position: i)).Where(o => free.Values.Any(q => q.Contains(o.Chunk))).ToList();
        foreach (var (chunk, position) in gone)
        {
            var successor = Successor(chunk, position, added);
            ChunkWrites.Invalidate(session, chunk, successor is null ? Invalidation.Replaced : Invalidation.Superseded, now, supersededBy: successor);
        }

        session.Execute(
            """
            INSERT INTO documents (namespace, source, title, source_type, trust, domain, digest, ingested_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (namespace, source) DO UPDATE SET title = ?3, source_type = ?4, trust = ?5, domain = ?6, digest = ?7, ingested_at = ?8, deleted_at = NULL
            """,
            document.Namespace,
            document.Source,
            document.Title,
            document.SourceType,
            (long)document.Trust,
            document.Domain,
            new ReadOnlyMemory<byte>(KnowledgeDigest.Of(pieces)),
            now);
        return new DocumentChange(added.Count, kept, gone.Count, Unchanged: added.Count + gone.Count == 0);
    }

    /// <summary>Which pieces are not there yet: what is worth embedding. Null if all of the document is there just so.</summary>
    public static IReadOnlySet<string>? Missing(SqliteSession session, Document document, IReadOnlyList<Piece> pieces)
    {
        using (var rows = session.Query(
            "SELECT digest, title, trust, domain FROM documents WHERE namespace = ?1 AND source = ?2 AND deleted_at IS NULL", document.Namespace, document.Source))
        {
            if (rows.Read() && rows.Blob(0).SequenceEqual(KnowledgeDigest.Of(pieces)) && rows.Text(1) == document.Title
                && rows.Integer(2) == (long)document.Trust && rows.Text(3) == document.Domain)
            {
                return null;
            }
        }

        var missing = pieces.Select(p => Convert.ToHexString(p.Digest)).ToHashSet(StringComparer.Ordinal);
        missing.ExceptWith(KnowledgeRows.OfSource(session, document.Namespace, document.Source).Select(o => o.Digest));
        return missing;
    }

    /// <returns>How many chunks went.</returns>
    public static long Delete(SqliteSession session, string? @namespace, string source, long now)
    {
        var chunks = Select(session, "c.invalidated_at IS NULL", @namespace, source, null);
        chunks.ForEach(c => ChunkWrites.Invalidate(session, c, Invalidation.Deleted, now));
        session.Execute("UPDATE documents SET deleted_at = ?3 WHERE source = ?2 AND (?1 IS NULL OR namespace = ?1) AND deleted_at IS NULL", @namespace, source, now);
        return chunks.Count;
    }

    /// <summary>What was deleted last; not what went in an earlier deletion, which a later ingest may have replaced.</summary>
    public static long Restore(SqliteSession session, string? @namespace, string source, long now)
    {
        var last = session.Integer(
            "SELECT MAX(invalidated_at) FROM chunks WHERE source = ?2 AND (?1 IS NULL OR namespace = ?1) AND invalidation = 'deleted'", @namespace, source);
        if (last is null || session.Integer(
            "SELECT 1 FROM chunks WHERE source = ?2 AND (?1 IS NULL OR namespace = ?1) AND invalidated_at IS NULL LIMIT 1", @namespace, source) is not null)
        {
            return 0;
        }

        var chunks = Select(session, "c.invalidation = 'deleted' AND c.invalidated_at = ?3", @namespace, source, last);
        chunks.ForEach(c => ChunkWrites.Revive(session, c, now));
        session.Execute("UPDATE documents SET deleted_at = NULL WHERE source = ?2 AND (?1 IS NULL OR namespace = ?1)", @namespace, source);
        return chunks.Count;
    }

    /// <summary>What was deleted or replaced before that goes for good, with its vectors; some at a time. Superseded chunks are kept.</summary>
    public static int Purge(SqliteSession session, long before, int most)
    {
        const string Old = "SELECT id FROM chunks WHERE invalidation IN ('deleted', 'replaced') AND invalidated_at < ?1 ORDER BY id LIMIT ?2";
        session.Execute($"DELETE FROM vectors WHERE chunk_id IN ({Old})", before, most);
        var purged = session.Execute($"DELETE FROM chunks WHERE id IN ({Old})", before, most);
        if (purged < most)
        {
            session.Execute("DELETE FROM documents WHERE deleted_at < ?1", before);
        }

        return purged;
    }

    private static List<Chunk> Select(SqliteSession session, string which, string? @namespace, string source, long? at)
    {
        var found = new List<Chunk>();
        using var rows = session.Query(
            $"SELECT {KnowledgeRows.Columns} FROM chunks c WHERE c.source = ?2 AND (?1 IS NULL OR c.namespace = ?1) AND (?3 IS NULL OR 1) AND {which} ORDER BY c.id", @namespace, source, at);
        while (rows.Read())
        {
            found.Add(KnowledgeRows.Chunk(rows));
        }

        return found;
    }

    /// <summary>The new piece that says nearly what this one said, if there is one close by.</summary>
    private static long? Successor(Chunk chunk, int position, List<(long Id, int Position, string Content)> added)
    {
        var near = added.Where(a => Math.Abs(a.Position - position) <= Nearby).ToList();
        if (near.Count == 0)
        {
            return null;
        }

        var tokens = SearchText.Set(chunk.Content);
        var best = near.Select(a => (a.Id, Overlap: NearDuplicates.Overlap(tokens, SearchText.Set(a.Content)))).MaxBy(a => a.Overlap);
        return best.Overlap >= NearDuplicates.Revision ? best.Id : null;
    }
}
