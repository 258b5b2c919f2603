using System.Buffers.Text;
using System.Text;

namespace ProtoAgent.Stores.Workflows;

/// <summary>Where a page of runs ended: the order's own key, so that runs that begin meanwhile break nothing.</summary>
internal readonly record struct WorkflowCursor(long StartedAt, string Id)
{
    /// <summary>In front of the newest run.</summary>
    public static readonly WorkflowCursor Start = new(long.MaxValue, "");

    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{StartedAt}:{Id}"));

    /// <exception cref="ArgumentException">It is no cursor of ours.</exception>
    public static WorkflowCursor Decode(string cursor)
    {
        if (Base64Url.IsValid(cursor) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(':', 2) is [var at, { Length: > 0 } id]
            && long.TryParse(at, out var startedAt))
        {
            return new WorkflowCursor(startedAt, id);
        }

        throw new ArgumentException("The cursor is not one this list gave out. Take 'next' of the page before, or none for the first page.", nameof(cursor));
    }
}
