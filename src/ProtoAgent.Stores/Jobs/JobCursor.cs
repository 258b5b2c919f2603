using System.Buffers.Text;
using System.Text;

namespace ProtoAgent.Stores.Jobs;

/// <summary>Where a page of jobs or runs ended: the order's own key, so that what comes and goes meanwhile breaks nothing.</summary>
internal readonly record struct JobCursor(long At, string Id)
{
    /// <summary>In front of the newest.</summary>
    public static readonly JobCursor Start = new(long.MaxValue, "");

    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{At}:{Id}"));

    /// <param name="cursor">Null for the first page.</param>
    /// <exception cref="ArgumentException">It is no cursor of ours.</exception>
    public static JobCursor Decode(string? cursor)
    {
        if (cursor is null)
        {
            return Start;
        }

        if (Base64Url.IsValid(cursor) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(':', 2) is [var at, { Length: > 0 } id]
            && long.TryParse(at, out var milliseconds))
        {
            return new JobCursor(milliseconds, id);
        }

        throw new ArgumentException("The cursor is not one this list gave out. Take 'next' of the page before, or none for the first page.", nameof(cursor));
    }
}
