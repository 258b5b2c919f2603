using System.Buffers;
using System.Runtime.InteropServices;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// One query's scores of every chunk, word by word, as FTS5's bm25() counts them: a common word from the sealed blocks, the rest from
/// FTS5 itself. Places are those of the sealed blocks in their order, then the open chunks.
/// </summary>
internal sealed class ScoreBoard : IDisposable
{
    // As in bm25() of fts5_aux.c.
    private const double K1 = 1.2;
    private const double B = 0.75;
    private const double LeastIdf = 1e-6;

    private readonly SqliteSession _session;
    private readonly List<long> _blocks = [];
    private readonly List<(long Id, long Length, Terms Terms)> _open;
    private readonly long _chunks;
    private readonly double _average;
    private readonly int _places;
    private readonly ushort[] _lengths;
    private readonly float[] _scores;
    private readonly int[] _hits;
    private readonly float[] _parts;

    private ScoreBoard(SqliteSession session, List<(long, long, Terms)> open, int blocks)
    {
        (_session, _open) = (session, open);
        (_chunks, _average) = FtsRecords.Totals(session);
        _lengths = ArrayPool<ushort>.Shared.Rent(blocks * BlockFormat.Chunks);
        using (var rows = session.Query("SELECT block, lengths FROM blocks WHERE lengths IS NOT NULL AND length(lengths) > 0 ORDER BY block"))
        {
            while (rows.Read())
            {
                MemoryMarshal.Cast<byte, ushort>(rows.Blob(1)).CopyTo(_lengths.AsSpan(_blocks.Count * BlockFormat.Chunks));
                _blocks.Add(rows.Integer(0));
            }
        }

        _places = (_blocks.Count * BlockFormat.Chunks) + open.Count;
        _scores = ArrayPool<float>.Shared.Rent(_places);
        _hits = ArrayPool<int>.Shared.Rent(_places);
        _parts = ArrayPool<float>.Shared.Rent(_places);
        _scores.AsSpan(0, _places).Clear();
    }

    private int Sealed => _blocks.Count * BlockFormat.Chunks;

    /// <summary>Null if too much is not in sealed blocks.</summary>
    public static ScoreBoard? Open(SqliteSession session, OpenChunks open)
    {
        var blocks = (session.Integer("SELECT MAX(block) FROM blocks") ?? -1) + 1;
        return open.Read(session, blocks) is { } chunks ? new ScoreBoard(session, chunks, (int)blocks) : null;
    }

    /// <summary>Adds what one word gives, by its hash.</summary>
    public void AddWord(ulong hash)
    {
        var (count, b, k) = (0, 0, K1 * (1 - B));
        var perToken = K1 * B / _average;
        using (var rows = _session.Query(
            "SELECT b.block, p.postings FROM blocks b JOIN packed p ON p.id = b.block * ?2 + ?1 WHERE b.lengths IS NOT NULL ORDER BY b.block", BlockFormat.Row(0, hash), BlockFormat.Rows))
        {
            while (rows.Read())
            {
                var block = rows.Integer(0);
                while (_blocks[b] < block)
                {
                    b++;
                }

                var first = b * BlockFormat.Chunks;
                foreach (var posting in BlockFormat.Find(rows.Blob(1), hash))
                {
                    var at = first + BlockFormat.Place(posting);
                    if (_lengths[at] > 0)
                    {
                        Hit(ref count, at, BlockFormat.Weight(posting), k + (perToken * _lengths[at]));
                    }
                }
            }
        }

        for (var i = 0; i < _open.Count; i++)
        {
            if (_open[i].Terms.Weight(hash) is > 0 and var weight)
            {
                Hit(ref count, Sealed + i, weight, k + (perToken * _open[i].Length));
            }
        }

        var idf = (float)Math.Max(LeastIdf, Math.Log((_chunks - count + 0.5) / (count + 0.5)));
        for (var i = 0; i < count; i++)
        {
            _scores[_hits[i]] += idf * _parts[i];
        }
    }

    /// <summary>Adds to one chunk what FTS5 gives it.</summary>
    public void Add(long id, float score)
    {
        if (PlaceOf(id) is >= 0 and var place)
        {
            _scores[place] += score;
        }
    }

    /// <summary>The best, the best first.</summary>
    public IReadOnlyList<(long Id, float Score)> Best(int take)
    {
        var best = new TopScores(take);
        var scores = _scores.AsSpan(0, _places);
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] > 0)
            {
                best.Offer(i, scores[i]);
            }
        }

        return [.. best.Ordered().Select(b => (IdOf((int)b.Seq), b.Score))];
    }

    public void Dispose()
    {
        ArrayPool<ushort>.Shared.Return(_lengths);
        ArrayPool<float>.Shared.Return(_scores);
        ArrayPool<int>.Shared.Return(_hits);
        ArrayPool<float>.Shared.Return(_parts);
    }

    private void Hit(ref int count, int place, int weight, double norm)
    {
        _hits[count] = place;
        _parts[count++] = (float)(weight * (K1 + 1) / (weight + norm));
    }

    private long IdOf(int place) => place >= Sealed ? _open[place - Sealed].Id : (_blocks[place / BlockFormat.Chunks] * BlockFormat.Chunks) + (place % BlockFormat.Chunks);

    private int PlaceOf(long id)
    {
        if (_blocks.BinarySearch(id / BlockFormat.Chunks) is >= 0 and var block)
        {
            return (block * BlockFormat.Chunks) + (int)(id % BlockFormat.Chunks);
        }

        var open = CollectionsMarshal.AsSpan(_open).BinarySearch(new ById(id));
        return open >= 0 ? Sealed + open : -1;
    }

    private readonly struct ById(long id) : IComparable<(long Id, long Length, Terms Terms)>
    {
        public int CompareTo((long Id, long Length, Terms Terms) other) => id.CompareTo(other.Id);
    }
}
