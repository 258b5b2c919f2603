using System.Net;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>Who asks.</summary>
internal static class RemoteAddress
{
    /// <summary>
    /// The connection's address; if that is a trusted proxy's, the last one in <c>X-Forwarded-For</c> that is not. What stands before it anybody
    /// may have written.
    /// </summary>
    public static IPAddress? Of(HttpContext context, IReadOnlyList<IPNetwork> trusted)
    {
        var from = Plain(context.Connection.RemoteIpAddress);
        if (trusted.Count == 0 || from is null || !IsTrusted(from, trusted))
        {
            return from;
        }

        foreach (var hop in context.Request.Headers["X-Forwarded-For"].ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            // Some proxies write the port too.
            if (!IPAddress.TryParse(hop, out var address) && !(IPEndPoint.TryParse(hop, out var end) && (address = end.Address) is not null))
            {
                return from;
            }

            from = Plain(address)!;
            if (!IsTrusted(from, trusted))
            {
                return from;
            }
        }

        return from;
    }

    private static bool IsTrusted(IPAddress address, IReadOnlyList<IPNetwork> trusted)
    {
        foreach (var network in trusted)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
