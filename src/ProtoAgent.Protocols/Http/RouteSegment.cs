using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace ProtoAgent.Protocols.Http;

/// <summary>A segment of the path as its caller meant it.</summary>
internal static class RouteSegment
{
    /// <summary>
    /// Routing decodes all but an escaped slash, after which <c>a%2Fb</c> and <c>a%252Fb</c> are the same text: an id may hold either, so the
    /// path is asked as it came.
    /// </summary>
    public static string Of(HttpContext context, string name)
    {
        var routed = (string)context.GetRouteValue(name)!;
        if (!routed.Contains("%2F", StringComparison.OrdinalIgnoreCase))
        {
            return routed;
        }

        var meant = routed.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var path = context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0] ?? "";
        return path.Split('/').Select(Uri.UnescapeDataString).FirstOrDefault(s => s == routed || s == meant) ?? routed;
    }
}
