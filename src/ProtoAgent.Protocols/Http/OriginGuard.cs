using System.Net;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>
/// Keeps a page in the operator's browser from using an instance on loopback: a name that resolves to 127.0.0.1 (DNS
/// rebinding) is not ours, and a page of another origin may not call.
/// </summary>
internal sealed class OriginGuard(HttpOptions options, RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (options.Hosts is { } hosts && !IsOurs(host, hosts))
        {
            throw new ApiException(
                StatusCodes.Status403Forbidden, "host_not_allowed", "This instance answers to localhost and its public URL alone. Use its address, or set server.public_url.");
        }

        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var page)
            && (string.Equals(page.Host, host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase) || IsOurs(page.Host, options.Hosts ?? []))))
        {
            throw new ApiException(StatusCodes.Status403Forbidden, "origin_not_allowed", "A page of another origin may not call this instance.");
        }

        return next(context);
    }

    /// <summary>Whether the host of a request is this machine's to itself.</summary>
    public static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsOurs(string host, IReadOnlyList<string> names) =>
        IsLoopback(host) || names.Contains(host, StringComparer.OrdinalIgnoreCase);
}
