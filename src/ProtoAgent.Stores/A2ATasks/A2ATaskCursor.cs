using System.Buffers.Text;
using System.Text;

namespace ProtoAgent.Stores.A2ATasks;

/// <summary>Where a page of tasks ended: the order's own key, so that tasks that move meanwhile break nothing.</summary>
internal readonly record struct A2ATaskCursor(long StatusAt, string Id)
{
    /// <summary>In front of the task that moved last.</summary>
    public static readonly A2ATaskCursor Start = new(long.MaxValue, "");

    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{StatusAt}:{Id}"));

    /// <exception cref="ArgumentException">It is no cursor of ours.</exception>
    public static A2ATaskCursor Decode(string cursor)
    {
        if (Base64Url.IsValid(cursor) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(':', 2) is [var at, { Length: > 0 } id]
            && long.TryParse(at, out var statusAt))
        {
            return new A2ATaskCursor(statusAt, id);
        }

        throw new ArgumentException("The cursor is not one this list gave out. Take that of the page before, or none for the first page.", nameof(cursor));
    }
}
