using System.Buffers.Text;
using System.Text;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>Where a page of threads ended: the order's own key, so that threads that move meanwhile break nothing.</summary>
internal readonly record struct ThreadCursor(long UpdatedAt, string Id)
{
    /// <summary>In front of the newest thread.</summary>
    public static readonly ThreadCursor Start = new(long.MaxValue, "");

    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{UpdatedAt}:{Id}"));

    /// <exception cref="ArgumentException">It is no cursor of ours.</exception>
    public static ThreadCursor Decode(string cursor)
    {
        if (Base64Url.IsValid(cursor))
        {
            var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && colon < text.Length - 1 && long.TryParse(text.AsSpan(0, colon), out var updatedAt))
            {
                return new ThreadCursor(updatedAt, text[(colon + 1)..]);
            }
        }

        throw new ArgumentException("The cursor is not one this list gave out. Take 'next' of the page before, or none for the first page.", nameof(cursor));
    }
}
