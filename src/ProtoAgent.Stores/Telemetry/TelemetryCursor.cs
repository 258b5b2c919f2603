using System.Buffers.Text;
using System.Text;

namespace ProtoAgent.Stores.Telemetry;

/// <summary>Where a page of turns ended: the order's own key, so that turns that end meanwhile break nothing.</summary>
internal readonly record struct TelemetryCursor(long StartedAt, string TurnId)
{
    /// <summary>In front of the newest turn.</summary>
    public static readonly TelemetryCursor Start = new(long.MaxValue, "");

    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{StartedAt}:{TurnId}"));

    /// <exception cref="ArgumentException">It is no cursor of ours.</exception>
    public static TelemetryCursor Decode(string cursor)
    {
        if (Base64Url.IsValid(cursor) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(':', 2) is [var at, { Length: > 0 } turn]
            && long.TryParse(at, out var startedAt))
        {
            return new TelemetryCursor(startedAt, turn);
        }

        throw new ArgumentException("The cursor is not one this list gave out. Take 'next' of the page before, or none for the first page.", nameof(cursor));
    }
}
