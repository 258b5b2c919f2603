using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>
/// Tickets to the event stream, for browsers, whose event source can't send a token: each opens it once, soon. They are in memory
/// alone and go with the process.
/// </summary>
public sealed class EventTickets(TimeProvider time)
{
    /// <summary>The stream they open; a turn's is the other.</summary>
    internal const string Path = "/api/events";

    /// <summary>The query's name for one.</summary>
    internal const string Parameter = "ticket";

    /// <summary>So that nobody fills the memory by asking: the oldest go first.</summary>
    private const int Most = 1000;

    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _open = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public (string Ticket, DateTimeOffset ExpiresAt) Issue()
    {
        var ticket = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var expires = time.GetUtcNow() + s_life;
        lock (_gate)
        {
            while (_order.TryPeek(out var oldest) && (_order.Count >= Most || !_open.TryGetValue(oldest, out var end) || end <= time.GetUtcNow()))
            {
                _open.Remove(_order.Dequeue());
            }

            _open.Add(ticket, expires);
            _order.Enqueue(ticket);
        }

        return (ticket, expires);
    }

    /// <summary>Whether there is a stream at the path that a ticket opens.</summary>
    internal static bool IsFor(PathString path) => path.Equals(Path, StringComparison.Ordinal)
        || (path.StartsWithSegments("/api/chat/turns", StringComparison.Ordinal, out var rest) && rest.Value?.EndsWith("/events", StringComparison.Ordinal) == true);

    /// <summary>Whether it opens the stream; it never does again.</summary>
    internal bool Redeem(string ticket)
    {
        lock (_gate)
        {
            return _open.Remove(ticket, out var end) && end > time.GetUtcNow();
        }
    }
}
