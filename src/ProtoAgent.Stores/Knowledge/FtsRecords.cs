using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// What FTS5's bm25() counts with, read where FTS5 keeps it (the file format is SQLite's promise: "averages" and "docsize" records in
/// fts5_index.c and fts5_storage.c, numbers as varints), so that a score of ours is the score it would give.
/// </summary>
internal static class FtsRecords
{
    private const long Averages = 1;

    /// <summary>How many chunks are in the index, and of how many tokens one is on the average.</summary>
    public static (long Chunks, double Length) Totals(SqliteSession session)
    {
        using var rows = session.Query("SELECT block FROM chunks_fts_data WHERE id = ?1", Averages);
        if (!rows.Read() || rows.Blob(0) is not { Length: > 0 } record)
        {
            return (0, 0);
        }

        var chunks = Varint(ref record);
        return (chunks, chunks == 0 ? 0 : (double)Length(record) / chunks);
    }

    /// <summary>The sum over the columns.</summary>
    public static long Length(ReadOnlySpan<byte> sizes)
    {
        var sum = 0L;
        while (sizes.Length > 0)
        {
            sum += Varint(ref sizes);
        }

        return sum;
    }

    private static long Varint(ref ReadOnlySpan<byte> record)
    {
        var (value, at) = (0L, 0);
        while (at < 8 && at < record.Length && (record[at] & 0x80) != 0)
        {
            value = (value << 7) | (record[at++] & 0x7FL);
        }

        value = at == 8 ? (value << 8) | record[at] : (value << 7) | record[at];
        record = record[(at + 1)..];
        return value;
    }
}
