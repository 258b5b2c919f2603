using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>A page of a list that is in memory, in the order of its keys: what comes or goes between two pages moves nothing else.</summary>
internal static class ListPage
{
    private const int Most = 500;

    /// <summary>What the request asks for by <c>limit</c> and <c>cursor</c>.</summary>
    /// <param name="key">Of one item; no two have the same.</param>
    /// <exception cref="ApiException">One of the two is none.</exception>
    public static (IReadOnlyList<T> Items, string? Next) Of<T>(HttpContext context, IEnumerable<T> items, Func<T, string> key)
    {
        var limit = QueryValues.Limit(context, Most);
        var after = After(QueryValues.Text(context, "cursor"));
        var page = items.Select(i => (Item: i, Key: key(i))).OrderBy(i => i.Key, StringComparer.Ordinal)
            .Where(i => after is null || string.CompareOrdinal(i.Key, after) > 0).Take(limit + 1).ToList();
        return ([.. page.Take(limit).Select(i => i.Item)], page.Count > limit ? Base64Url.EncodeToString(Encoding.UTF8.GetBytes(page[limit - 1].Key)) : null);
    }

    private static string? After(string? cursor)
    {
        if (cursor is null)
        {
            return null;
        }

        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(cursor));
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            throw QueryValues.BadCursor();
        }
    }
}
