using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// The exact nearest by cosine. The vectors are kept in memory while they are searched, up to a bound, and given back some time
/// after the last search by a timer shot once; beyond the bound each search reads them from the file.
/// </summary>
internal sealed class VectorSearch(long mostBytes, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private VectorTable? _table;
    private ITimer? _timer;
    private bool _disposed;

    /// <summary>Bytes of vectors in memory now.</summary>
    public long Held => Volatile.Read(ref _table)?.Bytes ?? 0;

    public IReadOnlyList<ChunkHit> Find(SqliteSession session, long model, float[] query, ChunkFilter filter, int limit)
    {
        for (var take = limit * 2; ; take *= 8)
        {
            var nearest = Nearest(session, model, query, take);
            var found = Fitting(session, model, nearest, filter, limit);

            // What changed or went meanwhile, and what the filter drops, is in the way: look further.
            if (found.Count == limit || nearest.Count < take)
            {
                return found;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _table = null;
            _timer?.Dispose();
        }
    }

    private IReadOnlyList<(long Seq, float Score)> Nearest(SqliteSession session, long model, float[] query, int take)
    {
        // At most so many: counting them would read every page of them.
        var stored = session.Integer("SELECT MAX(seq) - (SELECT MIN(seq) FROM vectors) + 1 FROM vectors") ?? 0;
        if (stored * query.Length * sizeof(float) > mostBytes)
        {
            return Scan(session, model, query, take);
        }

        VectorTable table;
        lock (_gate)
        {
            if (_table is null || _table.Model != model || _table.Dimensions != query.Length)
            {
                _table = new VectorTable(model, query.Length);
            }

            table = _table;
            if (!_disposed)
            {
                _timer ??= time.CreateTimer(_ => Forget(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(s_quiet, Timeout.InfiniteTimeSpan);
            }
        }

        table.Load(session);
        return table.Nearest(query, take);
    }

    private void Forget()
    {
        lock (_gate)
        {
            _table = null;
        }
    }

    private static IReadOnlyList<(long Seq, float Score)> Scan(SqliteSession session, long model, float[] query, int take)
    {
        var best = new TopScores(take);
        using var rows = session.Query("SELECT seq, vector FROM vectors WHERE model = ?1", model);
        while (rows.Read())
        {
            var vector = MemoryMarshal.Cast<byte, float>(rows.Blob(1));
            if (vector.Length == query.Length)
            {
                best.Offer(rows.Integer(0), TensorPrimitives.Dot(query, vector));
            }
        }

        return best.Ordered();
    }

    private static List<ChunkHit> Fitting(SqliteSession session, long model, IReadOnlyList<(long Seq, float Score)> nearest, ChunkFilter filter, int limit)
    {
        var found = new List<ChunkHit>();
        foreach (var (seq, score) in nearest)
        {
            using var rows = session.Query(
                $"SELECT {KnowledgeRows.Columns} FROM vectors v JOIN chunks c ON c.id = v.chunk_id WHERE v.seq = ?5 AND v.model = ?6 AND c.invalidated_at IS NULL AND {KnowledgeRows.Fits}",
                KnowledgeRows.Values(filter, seq, model));
            if (rows.Read())
            {
                found.Add(new ChunkHit(KnowledgeRows.Chunk(rows), score));
                if (found.Count == limit)
                {
                    break;
                }
            }
        }

        return found;
    }
}
