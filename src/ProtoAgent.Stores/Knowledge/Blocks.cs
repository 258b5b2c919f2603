using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// Sealed blocks: the words of 1,024 chunks each, packed so that a common word is read a thousand postings at a time, which FTS5 can't.
/// Made from the chunks and never authoritative: a block that is not sealed is looked at chunk by chunk. See README.md.
/// </summary>
internal static class Blocks
{
    /// <summary>A chunk is in the index now. In a sealed block that is a change of what is packed: it is open until sealed again.</summary>
    public static void Came(SqliteSession session, long id) =>
        session.Execute("UPDATE blocks SET lengths = NULL WHERE block = ?1 AND lengths IS NOT NULL", id / BlockFormat.Chunks);

    /// <summary>A chunk is out of the index: no length, no chunk. What is packed of it stays, unseen, until all of the block is gone.</summary>
    public static void Went(SqliteSession session, long id)
    {
        var block = id / BlockFormat.Chunks;
        byte[] lengths;
        using (var rows = session.Query("SELECT lengths FROM blocks WHERE block = ?1 AND lengths IS NOT NULL", block))
        {
            lengths = rows.Read() ? rows.Blob(0).ToArray() : [];
        }

        if (lengths.Length == 0)
        {
            return;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(lengths.AsSpan((int)(id % BlockFormat.Chunks) * sizeof(ushort)), 0);
        if (!lengths.AsSpan().ContainsAnyExcept((byte)0))
        {
            Clear(session, block);
            lengths = [];
        }

        session.Execute("UPDATE blocks SET lengths = ?2 WHERE block = ?1", block, new ReadOnlyMemory<byte>(lengths));
    }

    /// <summary>Seals what is full, or was opened by a change.</summary>
    /// <param name="most">Blocks in this transaction: others wait for it.</param>
    /// <returns>Whether there is more to seal.</returns>
    public static bool Seal(SqliteSession session, TokenFolds folds, int most)
    {
        for (var i = 0; i < most; i++)
        {
            if (Next(session) is not { } block)
            {
                return false;
            }

            Seal(session, block, folds);
        }

        return Next(session) is not null;
    }

    private static long? Next(SqliteSession session)
    {
        if (session.Integer("SELECT block FROM blocks WHERE lengths IS NULL LIMIT 1") is { } open)
        {
            return open;
        }

        var next = (session.Integer("SELECT MAX(block) FROM blocks") ?? -1) + 1;
        return (session.Integer("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'") ?? 0) >= ((next + 1) * BlockFormat.Chunks) - 1 ? next : null;
    }

    private static void Seal(SqliteSession session, long block, TokenFolds folds)
    {
        var (lengths, terms) = (new ushort[BlockFormat.Chunks], new Terms?[BlockFormat.Chunks]);
        using (var rows = session.Query(
            "SELECT c.id, d.sz, c.content, c.heading FROM chunks c JOIN chunks_fts_docsize d ON d.id = c.id WHERE c.id >= ?1 AND c.id < ?2",
            block * BlockFormat.Chunks,
            (block + 1) * BlockFormat.Chunks))
        {
            while (rows.Read())
            {
                var place = (int)(rows.Integer(0) % BlockFormat.Chunks);
                lengths[place] = (ushort)Math.Min(ushort.MaxValue, FtsRecords.Length(rows.Blob(1)));
                terms[place] = Terms.Of(rows.Text(2), rows.Text(3), folds);
            }
        }

        Clear(session, block);
        foreach (var (id, row) in BlockFormat.Pack(block, terms))
        {
            session.Execute("INSERT INTO packed (id, postings) VALUES (?1, ?2)", id, new ReadOnlyMemory<byte>(row));
        }

        var stored = Array.TrueForAll(lengths, l => l == 0) ? [] : MemoryMarshal.AsBytes(lengths.AsSpan()).ToArray();
        session.Execute("INSERT OR REPLACE INTO blocks (block, lengths) VALUES (?1, ?2)", block, new ReadOnlyMemory<byte>(stored));
    }

    private static void Clear(SqliteSession session, long block) =>
        session.Execute("DELETE FROM packed WHERE id >= ?1 AND id < ?2", block * BlockFormat.Rows, (block + 1) * BlockFormat.Rows);
}
