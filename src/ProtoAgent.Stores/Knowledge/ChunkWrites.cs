using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>How chunks come, change and go, each inside the caller's transaction: a row, its tokens in the index and the total are one.</summary>
internal static class ChunkWrites
{
    public static long Insert(SqliteSession session, NewChunk chunk, long position, byte[] digest, long now)
    {
        session.Execute(
            """
            INSERT INTO chunks (content, heading, namespace, domain, source, source_type, trust, position, digest, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)
            """,
            chunk.Content,
            chunk.Heading,
            chunk.Namespace,
            chunk.Domain,
            chunk.Source,
            chunk.SourceType,
            (long)chunk.Trust,
            position,
            new ReadOnlyMemory<byte>(digest),
            now);
        var id = session.Integer("SELECT last_insert_rowid()")!.Value;
        Index(session, id, chunk.Content, chunk.Heading);
        return id;
    }

    /// <summary>Takes it out of the index; the row stays, with why.</summary>
    public static void Invalidate(SqliteSession session, Chunk chunk, Invalidation invalidation, long now, string? reason = null, long? supersededBy = null)
    {
        Unindex(session, chunk.Id);
        session.Execute(
            "UPDATE chunks SET invalidated_at = ?2, invalidation = ?3, reason = ?4, superseded_by = ?5 WHERE id = ?1",
            chunk.Id, now, KnowledgeNames.Of(invalidation), reason, supersededBy);
    }

    public static void Revive(SqliteSession session, Chunk chunk, long now)
    {
        session.Execute("UPDATE chunks SET invalidated_at = NULL, invalidation = NULL, reason = NULL, superseded_by = NULL, updated_at = ?2 WHERE id = ?1", chunk.Id, now);
        Index(session, chunk.Id, chunk.Content, chunk.Heading);
    }

    /// <summary>In place: who has the id goes on having it. The vector goes with the words it stood for.</summary>
    public static Chunk? Update(SqliteSession session, long id, ChunkEdit edit, long now)
    {
        if (KnowledgeRows.Find(session, id) is not { } old)
        {
            return null;
        }

        var changed = old with
        {
            Content = edit.Content ?? old.Content,
            Heading = edit.Heading ?? old.Heading,
            Namespace = edit.Namespace ?? old.Namespace,
            Domain = edit.Domain ?? old.Domain,
            Trust = edit.Trust ?? old.Trust,
        };
        session.Execute(
            "UPDATE chunks SET content = ?2, heading = ?3, namespace = ?4, domain = ?5, trust = ?6, digest = ?7, updated_at = ?8 WHERE id = ?1",
            id,
            changed.Content,
            changed.Heading,
            changed.Namespace,
            changed.Domain,
            (long)changed.Trust,
            new ReadOnlyMemory<byte>(KnowledgeDigest.Of(changed.Heading, changed.Content)),
            now);
        if (changed.Content != old.Content || changed.Heading != old.Heading)
        {
            session.Execute("DELETE FROM vectors WHERE chunk_id = ?1", id);
            if (old.InvalidatedAt is null)
            {
                Unindex(session, id);
                Index(session, id, changed.Content, changed.Heading);
            }
        }

        return KnowledgeRows.Find(session, id);
    }

    /// <summary>For good, with its vector. What it had taken the place of stays, and stays invalid.</summary>
    public static bool Delete(SqliteSession session, long id)
    {
        if (KnowledgeRows.Find(session, id) is not { } chunk)
        {
            return false;
        }

        if (chunk.InvalidatedAt is null)
        {
            Unindex(session, id);
        }

        session.Execute("DELETE FROM vectors WHERE chunk_id = ?1", id);
        session.Execute("DELETE FROM chunks WHERE id = ?1", id);
        return true;
    }

    private static void Index(SqliteSession session, long id, string content, string heading)
    {
        session.Execute("INSERT INTO chunks_fts (rowid, content, heading) VALUES (?1, ?2, ?3)", id, SearchText.Index(content), SearchText.Index(heading));
        session.Execute("UPDATE totals SET value = value + 1 WHERE name = 'chunks'");
        Blocks.Came(session, id);
    }

    private static void Unindex(SqliteSession session, long id)
    {
        session.Execute("DELETE FROM chunks_fts WHERE rowid = ?1", id);
        session.Execute("UPDATE totals SET value = value - 1 WHERE name = 'chunks'");
        Blocks.Went(session, id);
    }
}
