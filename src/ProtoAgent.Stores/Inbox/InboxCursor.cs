using System.Buffers.Text;
using System.Text;

namespace ProtoAgent.Stores.Inbox;

/// <summary>Where a page of items ended: the order's own key, so that items that come and go meanwhile break nothing.</summary>
/// <param name="Ended">Among those that are over, where <paramref name="Key"/> is when they ended; else it is the priority.</param>
internal readonly record struct InboxCursor(bool Ended, long Key, long Seq)
{
    /// <summary>In front of the first item that waits.</summary>
    public static readonly InboxCursor Start = new(Ended: false, long.MinValue, 0);

    /// <summary>In front of the item that ended last.</summary>
    public static readonly InboxCursor EndedStart = new(Ended: true, long.MaxValue, 0);

    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{(Ended ? 'e' : 'o')}:{Key}:{Seq}"));

    /// <exception cref="ArgumentException">It is no cursor of ours.</exception>
    public static InboxCursor Decode(string cursor)
    {
        if (Base64Url.IsValid(cursor) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(':') is [var part, var first, var second]
            && part is ("e" or "o") && long.TryParse(first, out var key) && long.TryParse(second, out var seq))
        {
            return new InboxCursor(part == "e", key, seq);
        }

        throw new ArgumentException("The cursor is not one this list gave out. Take 'next' of the page before, or none for the first page.", nameof(cursor));
    }
}
