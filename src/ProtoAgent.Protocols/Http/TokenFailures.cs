using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ProtoAgent.Protocols.Http;

/// <summary>
/// Makes guessing slow. An address that came with several different wrong tokens waits before any token of its is looked at, the right one
/// too: else the wait would stop nobody who guesses. The same wrong token again is no guess and counts once, so that a client set up
/// wrongly does not lock out everybody it shares an address with. A right token changes nothing: who has one could go on guessing another.
/// In memory alone and bounded: the address not heard of for longest goes first.
/// </summary>
internal sealed class TokenFailures(TimeProvider time)
{
    /// <summary>Different wrong tokens that cost nothing: a person may mistype.</summary>
    public const int Free = 5;

    /// <summary>Addresses remembered.</summary>
    internal const int Most = 4096;

    /// <summary>Wrong tokens remembered of each, as half a digest.</summary>
    private const int Remembered = 16;

    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_forgotten = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, LinkedListNode<Entry>> _known = [];
    private readonly LinkedList<Entry> _order = [];

    /// <summary>How long no new token is looked at from there; zero if it is.</summary>
    public TimeSpan WaitOf(IPAddress? from, ReadOnlySpan<byte> digest)
    {
        lock (_gate)
        {
            return Find(Key(from)) is { } entry && entry.Until > time.GetUtcNow() && !entry.Tokens.Contains(Half(digest)) ? entry.Until - time.GetUtcNow() : TimeSpan.Zero;
        }
    }

    /// <summary>Counts a wrong token.</summary>
    /// <returns>Null if that token came from there before.</returns>
    public (int Failures, TimeSpan Wait)? Count(IPAddress? from, ReadOnlySpan<byte> digest)
    {
        lock (_gate)
        {
            var (key, now) = (Key(from), time.GetUtcNow());
            var entry = Find(key) ?? Add(key);
            entry.Last = now;
            _order.Remove(_known[key]);
            _order.AddLast(_known[key]);
            if (entry.Tokens.Contains(Half(digest)))
            {
                return null;
            }

            if (entry.Tokens.Count == Remembered)
            {
                entry.Tokens.Dequeue();
            }

            entry.Tokens.Enqueue(Half(digest));
            entry.Failures++;
            var wait = entry.Failures <= Free ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(s_longest.TotalSeconds, Math.Pow(2, entry.Failures - Free - 1)));
            entry.Until = now + wait;
            return (entry.Failures, wait);
        }
    }

    private Entry? Find(IPAddress key)
    {
        if (!_known.TryGetValue(key, out var node))
        {
            return null;
        }

        if (time.GetUtcNow() - node.Value.Last < s_forgotten)
        {
            return node.Value;
        }

        Forget(node);
        return null;
    }

    private Entry Add(IPAddress key)
    {
        if (_known.Count == Most)
        {
            Forget(_order.First!);
        }

        var entry = new Entry(key);
        _known.Add(key, _order.AddLast(entry));
        return entry;
    }

    private void Forget(LinkedListNode<Entry> node)
    {
        _known.Remove(node.Value.From);
        _order.Remove(node);
    }

    /// <summary>Whoever has one IPv6 address has the 2⁶⁴ beside it.</summary>
    private static IPAddress Key(IPAddress? from)
    {
        if (from is null)
        {
            return IPAddress.None;
        }

        var plain = from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from;
        if (plain.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return plain;
        }

        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private static ulong Half(ReadOnlySpan<byte> digest) => BinaryPrimitives.ReadUInt64LittleEndian(digest);

    private sealed class Entry(IPAddress from)
    {
        public IPAddress From => from;

        public Queue<ulong> Tokens { get; } = new();

        public int Failures { get; set; }

        public DateTimeOffset Until { get; set; }

        public DateTimeOffset Last { get; set; }
    }
}
