using System.Buffers.Binary;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>The words of chunks that are in no sealed block: the newest, a thousand at most but for a moment. Remembered by their digests.</summary>
internal sealed class OpenChunks(TokenFolds folds)
{
    /// <summary>More are not looked at one by one.</summary>
    private const int Most = 8 * BlockFormat.Chunks;

    private readonly Lock _gate = new();
    private Dictionary<long, (ulong Digest, Terms Terms)> _kept = [];

    /// <summary>In the order of their ids; null if there are too many of them.</summary>
    /// <param name="sealed">Behind the last block.</param>
    public List<(long Id, long Length, Terms Terms)>? Read(SqliteSession session, long @sealed)
    {
        var ranges = new List<(long From, long To)>();
        using (var rows = session.Query("SELECT block FROM blocks WHERE lengths IS NULL ORDER BY block"))
        {
            while (rows.Read())
            {
                ranges.Add((rows.Integer(0) * BlockFormat.Chunks, (rows.Integer(0) + 1) * BlockFormat.Chunks));
            }
        }

        var last = session.Integer("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'") ?? 0;
        ranges.Add((@sealed * BlockFormat.Chunks, last + 1));
        if (ranges.Sum(r => r.To - r.From) > Most)
        {
            return null;
        }

        lock (_gate)
        {
            var (found, kept) = (new List<(long, long, Terms)>(), new Dictionary<long, (ulong, Terms)>());
            foreach (var (from, to) in ranges)
            {
                Read(session, from, to, found, kept);
            }

            _kept = kept;
            return found;
        }
    }

    private void Read(SqliteSession session, long from, long to, List<(long, long, Terms)> found, Dictionary<long, (ulong, Terms)> kept)
    {
        using var rows = session.Query(
            "SELECT c.id, c.digest, d.sz, c.content, c.heading FROM chunks c JOIN chunks_fts_docsize d ON d.id = c.id WHERE c.id >= ?1 AND c.id < ?2 ORDER BY c.id", from, to);
        while (rows.Read())
        {
            var (id, digest) = (rows.Integer(0), BinaryPrimitives.ReadUInt64LittleEndian(rows.Blob(1)));
            if (!_kept.TryGetValue(id, out var known) || known.Digest != digest)
            {
                known = (digest, Terms.Of(rows.Text(3), rows.Text(4), folds));
            }

            kept[id] = known;
            found.Add((id, FtsRecords.Length(rows.Blob(2)), known.Terms));
        }
    }
}
