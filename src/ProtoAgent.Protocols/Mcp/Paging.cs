using System.Text;
using ModelContextProtocol;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>Pages of lists that are in memory whole, and of several lists one behind the other.</summary>
internal static class Paging
{
    /// <summary>Items of a page.</summary>
    public const int Size = 100;

    /// <param name="items">Sorted by that key, ordinal.</param>
    /// <param name="cursor">The key of the last item of the page before, encoded.</param>
    public static (IReadOnlyList<T> Page, string? Next) Of<T>(IReadOnlyList<T> items, Func<T, string> key, string? cursor)
    {
        var behind = cursor is null ? null : Decode(cursor);
        var rest = behind is null ? items : [.. items.Where(i => string.CompareOrdinal(key(i), behind) > 0)];
        return rest.Count <= Size ? (rest, null) : ([.. rest.Take(Size)], Encode(key(rest[Size - 1])));
    }

    public static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <exception cref="McpProtocolException">It is none of ours (-32602, as the specification wants).</exception>
    public static string Decode(string cursor)
    {
        var bytes = new byte[cursor.Length];
        return Convert.TryFromBase64String(cursor, bytes, out var length) ? Encoding.UTF8.GetString(bytes.AsSpan(0, length)) : throw Bad();
    }

    public static McpProtocolException Bad() => new("The cursor is not one this list gave as nextCursor. Leave it out for the first page.", McpErrorCode.InvalidParams);
}
