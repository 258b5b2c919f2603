using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ProtoAgent.Protocols.Http;

/// <summary>
/// Keeps a page in the operator's browser from using an instance. A name that resolves to 127.0.0.1 (DNS rebinding) is not ours; a page of
/// another origin, which another port is, may neither call nor embed; and there is no header that lets it read, unless its origin is allowed.
/// Nothing here is believed of what a proxy adds.
/// </summary>
internal sealed class OriginGuard(HttpOptions options, RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        CheckHost(request);
        if (request.Headers.Origin.Count > 0)
        {
            return FromPage(context, request.Headers.Origin.ToString());
        }

        // What a browser sends without an origin: pictures, scripts, frames, links, forms that ask.
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" && !IsLink(request))
        {
            throw new ApiException(
                StatusCodes.Status403Forbidden, "origin_not_allowed", "A page of another origin may not embed or call this instance.");
        }

        return next(context);
    }

    /// <summary>Whether the host of a request is this machine's to itself.</summary>
    public static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private void CheckHost(HttpRequest request)
    {
        var host = request.Host.Host;
        if (host.Length == 0)
        {
            // No browser leaves it out; what asks whether we are well may.
            if (!BearerAuth.IsPublic(request.Path))
            {
                throw new ApiException(StatusCodes.Status400BadRequest, "host_missing", "The request says no host. Send it as HTTP/1.1, with a Host header.");
            }

            return;
        }

        if (options.Hosts is { } hosts && !IsLoopback(host) && !hosts.Contains(host, StringComparer.OrdinalIgnoreCase)
            && !(options.AnyAddress && IPAddress.TryParse(host.Trim('[', ']'), out _)))
        {
            throw new ApiException(
                StatusCodes.Status403Forbidden, "host_not_allowed",
                "This instance does not answer to that host name. Use its address, or name the host in server.public_url or server.allow_hosts.");
        }
    }

    private Task FromPage(HttpContext context, string origin)
    {
        var request = context.Request;
        if (string.Equals(origin, $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase)
            || options.OwnOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            return next(context);
        }

        if (!options.AllowOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            throw new ApiException(
                StatusCodes.Status403Forbidden, "origin_not_allowed",
                "A page of another origin may not call this instance. If it is to, name its origin in server.allow_origins; if it is this instance's own behind a proxy, set server.public_url.");
        }

        var answer = context.Response.Headers;
        answer.AccessControlAllowOrigin = origin;
        answer.Append("Vary", "Origin");
        answer.AccessControlExposeHeaders = "Location, Mcp-Session-Id, Retry-After, X-Session-Id";
        return HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0 ? Preflight(context) : next(context);
    }

    /// <summary>The browser asks whether the page may send what it is about to.</summary>
    private static Task Preflight(HttpContext context)
    {
        var answer = context.Response.Headers;
        answer.AccessControlAllowMethods = "GET, POST, PUT, DELETE";
        answer.AccessControlMaxAge = "600";
        if (context.Request.Headers.AccessControlRequestHeaders is { Count: > 0 } asked)
        {
            answer.AccessControlAllowHeaders = asked;
        }

        if (context.Request.Headers.ContainsKey("Access-Control-Request-Private-Network"))
        {
            answer["Access-Control-Allow-Private-Network"] = new StringValues("true");
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>A link followed in a tab of its own to a page anybody may have; the page it stands on learns nothing.</summary>
    private bool IsLink(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document"
        && (BearerAuth.IsPublic(request.Path) || options.Public.Contains(request.Path.Value ?? ""));
}
