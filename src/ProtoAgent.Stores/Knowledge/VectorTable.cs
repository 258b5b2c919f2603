using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// One model's vectors in memory, for as long as they are asked for. What came since the last look is read from the file; what
/// changed or went is still here and is dropped when the file is asked for the chunk it belonged to.
/// </summary>
internal sealed class VectorTable(long model, int dimensions)
{
    private const int SegmentRows = 4096;

    /// <summary>Fewer are done before a second thread has woken up.</summary>
    private const int WorthSharing = 20_000;

    private readonly List<Segment> _segments = [];
    private readonly Lock _loading = new();
    private long _last;
    private long _rows;

    public long Model => model;

    public int Dimensions => dimensions;

    public long Bytes => Rows * dimensions * sizeof(float);

    private long Rows => Volatile.Read(ref _rows);

    /// <summary>Reads what came since the last time. Other readers go on with what they have.</summary>
    public void Load(SqliteSession session)
    {
        lock (_loading)
        {
            using var rows = session.Query("SELECT seq, chunk_id, vector FROM vectors WHERE seq > ?1 AND model = ?2 ORDER BY seq", _last, model);
            while (rows.Read())
            {
                var vector = MemoryMarshal.Cast<byte, float>(rows.Blob(2));
                _last = rows.Integer(0);
                if (vector.Length != dimensions)
                {
                    continue;
                }

                if (_segments.Count == 0 || _segments[^1].Count == SegmentRows)
                {
                    lock (_segments)
                    {
                        _segments.Add(new Segment(dimensions));
                    }
                }

                _segments[^1].Add(_last, vector);
                Volatile.Write(ref _rows, _rows + 1);
            }
        }
    }

    /// <summary>The nearest, with the numbers of their vectors, the nearest first.</summary>
    public IReadOnlyList<(long Seq, float Score)> Nearest(float[] query, int take)
    {
        Segment[] segments;
        lock (_segments)
        {
            segments = [.. _segments];
        }

        var best = new TopScores(take);
        if (Rows < WorthSharing)
        {
            Array.ForEach(segments, s => s.Score(query, best));
        }
        else
        {
            Parallel.ForEach(
                segments,
                () => new TopScores(take),
                (segment, _, mine) =>
                {
                    segment.Score(query, mine);
                    return mine;
                },
                best.Take);
        }

        return best.Ordered();
    }

    /// <summary>Rows side by side. Written by one, read by many: a row counts once it is there.</summary>
    private sealed class Segment(int dimensions)
    {
        private readonly float[] _vectors = new float[SegmentRows * dimensions];
        private readonly long[] _seqs = new long[SegmentRows];
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Add(long seq, ReadOnlySpan<float> vector)
        {
            vector.CopyTo(_vectors.AsSpan(_count * dimensions));
            _seqs[_count] = seq;
            Volatile.Write(ref _count, _count + 1);
        }

        public void Score(float[] query, TopScores best)
        {
            var count = Count;
            for (var i = 0; i < count; i++)
            {
                best.Offer(_seqs[i], TensorPrimitives.Dot(query, _vectors.AsSpan(i * dimensions, dimensions)));
            }
        }
    }
}
