using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>Values of the query, checked.</summary>
internal static class QueryValues
{
    private const int DefaultLimit = 50;

    /// <summary>Null when it is not given.</summary>
    public static string? Text(HttpContext context, string name) => context.Request.Query[name].ToString() is { Length: > 0 } given ? given : null;

    /// <exception cref="ApiException">It is no number from 1 to <paramref name="most"/>.</exception>
    public static int Limit(HttpContext context, int most) =>
        Text(context, "limit") is not { } text ? DefaultLimit
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
        : throw new ApiException(StatusCodes.Status400BadRequest, "bad_limit", $"limit must be a whole number from 1 to {most}.", "limit");

    /// <exception cref="ApiException">It is neither true nor false.</exception>
    public static bool Flag(HttpContext context, string name) => Text(context, name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new ApiException(StatusCodes.Status400BadRequest, $"bad_{name}", $"{name} must be true or false.", name),
    };

    public static ApiException BadCursor() =>
        new(StatusCodes.Status400BadRequest, "bad_cursor", "The cursor is not one this list gave as 'next'. Leave it out for the first page.", "cursor");
}
