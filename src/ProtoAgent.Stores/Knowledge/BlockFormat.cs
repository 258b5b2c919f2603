using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// How the words of a block's chunks lie in the file: 128 rows by the first bits of the word's hash, so that one word is one look
/// at half a page. A row: how many words; for each the hash's last 32 bits and where its postings end, by hash; then the postings,
/// 16 bits each: which chunk of the block, and how often. Little-endian.
/// </summary>
internal static class BlockFormat
{
    /// <summary>Chunks in a block, by their ids.</summary>
    public const int Chunks = 1024;

    public const int Rows = 128;

    private const int RowShift = 57;
    private const int ChunkBits = 10;
    private const int Entry = 8;

    public static long Row(long block, ulong hash) => (block * Rows) + (long)(hash >> RowShift);

    public static int Place(ushort posting) => posting & (Chunks - 1);

    public static int Weight(ushort posting) => posting >> ChunkBits;

    /// <summary>A word's postings in its row; empty if it has none.</summary>
    public static ReadOnlySpan<ushort> Find(ReadOnlySpan<byte> row, ulong hash)
    {
        if (row.Length < sizeof(int))
        {
            return [];
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(row);
        var words = row.Slice(sizeof(int), count * Entry);
        var (low, high) = (0, count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var at = BinaryPrimitives.ReadUInt32LittleEndian(words[(middle * Entry)..]);
            if (at == (uint)hash)
            {
                var postings = MemoryMarshal.Cast<byte, ushort>(row[(sizeof(int) + (count * Entry))..]);
                return postings[(middle == 0 ? 0 : End(words, middle - 1))..End(words, middle)];
            }

            (low, high) = at < (uint)hash ? (middle + 1, high) : (low, middle - 1);
        }

        return [];
    }

    /// <summary>The rows of a block that have something in them.</summary>
    /// <param name="chunks">By their places in the block.</param>
    public static IEnumerable<(long Id, byte[] Row)> Pack(long block, Terms?[] chunks)
    {
        var (starts, count) = (new int[Rows + 1], 0);
        foreach (var terms in chunks)
        {
            if (terms is null)
            {
                continue;
            }

            count += terms.Hashes.Length;
            foreach (var hash in terms.Hashes)
            {
                starts[(hash >> RowShift) + 1]++;
            }
        }

        for (var row = 0; row < Rows; row++)
        {
            starts[row + 1] += starts[row];
        }

        var (hashes, postings, at) = (new uint[count], new ushort[count], starts.AsSpan(0, Rows).ToArray());
        for (var place = 0; place < chunks.Length; place++)
        {
            for (var i = 0; i < (chunks[place]?.Hashes.Length ?? 0); i++)
            {
                var hash = chunks[place]!.Hashes[i];
                var next = at[hash >> RowShift]++;
                hashes[next] = (uint)hash;
                postings[next] = (ushort)(place | (chunks[place]!.Weights[i] << ChunkBits));
            }
        }

        for (var row = 0; row < Rows; row++)
        {
            var (start, length) = (starts[row], starts[row + 1] - starts[row]);
            if (length > 0)
            {
                Array.Sort(hashes, postings, start, length);
                yield return ((block * Rows) + row, Row(hashes.AsSpan(start, length), postings.AsSpan(start, length)));
            }
        }
    }

    private static int End(ReadOnlySpan<byte> words, int at) => BinaryPrimitives.ReadInt32LittleEndian(words[((at * Entry) + sizeof(uint))..]);

    private static byte[] Row(ReadOnlySpan<uint> hashes, ReadOnlySpan<ushort> postings)
    {
        var words = 1;
        for (var i = 1; i < hashes.Length; i++)
        {
            words += hashes[i] == hashes[i - 1] ? 0 : 1;
        }

        var row = new byte[sizeof(int) + (words * Entry) + (postings.Length * sizeof(ushort))];
        BinaryPrimitives.WriteInt32LittleEndian(row, words);
        var entry = row.AsSpan(sizeof(int));
        for (var i = 0; i < hashes.Length; i++)
        {
            if (i == hashes.Length - 1 || hashes[i] != hashes[i + 1])
            {
                BinaryPrimitives.WriteUInt32LittleEndian(entry, hashes[i]);
                BinaryPrimitives.WriteInt32LittleEndian(entry[sizeof(uint)..], i + 1);
                entry = entry[Entry..];
            }
        }

        MemoryMarshal.AsBytes(postings).CopyTo(entry);
        return row;
    }
}
