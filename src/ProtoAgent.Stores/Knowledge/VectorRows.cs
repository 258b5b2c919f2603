using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>Vectors as they lie in the file: 32-bit floats, little-endian, of length 1, so that a product is a cosine.</summary>
internal static class VectorRows
{
    /// <summary>A vector as it is stored; null if it can't be (all zero, not finite).</summary>
    public static ReadOnlyMemory<byte>? Encode(ReadOnlySpan<float> vector)
    {
        var length = TensorPrimitives.Norm(vector);
        if (!float.IsFinite(length) || length == 0)
        {
            return null;
        }

        var unit = new float[vector.Length];
        TensorPrimitives.Divide(vector, length, unit);
        return MemoryMarshal.AsBytes(unit.AsSpan()).ToArray();
    }

    /// <summary>The number a model's vectors are marked with. Another model, or the same with other dimensions, is another one.</summary>
    public static long Model(SqliteSession session, string name)
    {
        session.Execute("INSERT OR IGNORE INTO models (name) VALUES (?1)", name);
        return FindModel(session, name)!.Value;
    }

    public static long? FindModel(SqliteSession session, string name) => session.Integer("SELECT id FROM models WHERE name = ?1", name);

    /// <summary>A new number each time: who holds earlier ones sees that it changed.</summary>
    public static void Put(SqliteSession session, long chunkId, long model, ReadOnlyMemory<byte> vector)
    {
        session.Execute("DELETE FROM vectors WHERE chunk_id = ?1", chunkId);
        session.Execute("INSERT INTO vectors (chunk_id, model, vector) VALUES (?1, ?2, ?3)", chunkId, model, vector);
    }

    /// <summary>Valid chunks without a vector of that model, behind an id.</summary>
    public static List<Chunk> Missing(SqliteSession session, long? model, long behind, int limit)
    {
        var found = new List<Chunk>();
        using var rows = session.Query(
            $"""
            SELECT {KnowledgeRows.Columns} FROM chunks c WHERE c.id > ?2 AND c.invalidated_at IS NULL
              AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.chunk_id = c.id AND v.model = ?1) ORDER BY c.id LIMIT ?3
            """,
            model,
            behind,
            limit);
        while (rows.Read())
        {
            found.Add(KnowledgeRows.Chunk(rows));
        }

        return found;
    }
}
