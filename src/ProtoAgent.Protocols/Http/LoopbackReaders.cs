using System.Net;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>Who may read the metrics without a token: a scraper on this very machine, which could read the process's memory as well.</summary>
internal static class LoopbackReaders
{
    public const string Metrics = "/metrics";

    private static readonly string[] s_forwarded = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    /// <summary>
    /// Whether the request needs no token. The address of the connection alone would say yes to the whole world behind a proxy that runs here,
    /// so the request must also be addressed to loopback and say nothing of having been passed on.
    /// </summary>
    public static bool IsOpenTo(HttpContext context) =>
        context.Request.Path.Equals(Metrics, StringComparison.Ordinal)
        && context.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from)
        && OriginGuard.IsLoopback(context.Request.Host.Host)
        && !Array.Exists(s_forwarded, context.Request.Headers.ContainsKey);
}
