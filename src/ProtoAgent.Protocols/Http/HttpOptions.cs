using System.Net;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>Who may come in, and how errors are told.</summary>
public sealed record HttpOptions
{
    /// <summary>Secret. Opens every surface; null leaves them open to whoever reaches the port.</summary>
    public string? Token { get; init; }

    /// <summary>Secret. Opens <c>/a2a</c> and <c>/v1</c> alone.</summary>
    public string? FederationToken { get; init; }

    /// <summary>Paths open to everybody besides those that tell of health: exact.</summary>
    public IReadOnlySet<string> Public { get; init; } = new HashSet<string>();

    /// <summary>What opens the event stream besides the token; null: nothing.</summary>
    public EventTickets? Tickets { get; init; }

    /// <summary>
    /// Host names a request may be addressed to, besides loopback; null when the instance listens beyond loopback, where it
    /// can't know its names.
    /// </summary>
    public IReadOnlyList<string>? Hosts { get; init; } = [];

    /// <summary>Whether an address instead of a name is taken for a host whatever it is: no page can make a browser take one for another.</summary>
    public bool AnyAddress { get; init; }

    /// <summary>This instance's own origins besides the one a request is addressed to: what a proxy in front makes of them.</summary>
    public IReadOnlyList<string> OwnOrigins { get; init; } = [];

    /// <summary>Origins whose pages may call, and read the answers.</summary>
    public IReadOnlyList<string> AllowOrigins { get; init; } = [];

    /// <summary>Whose <c>X-Forwarded-For</c> is believed; nobody else's is.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Streams of events open at once.</summary>
    public int MaxStreams { get; init; } = 256;

    /// <summary>How long browsers are told to use TLS alone for this host; null: not at all.</summary>
    public TimeSpan? Hsts { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told of tokens that are not ours, without the token.</summary>
    public Action<TokenRefused>? Refused { get; init; }

    /// <summary>Path prefixes whose errors have a shape of their own; everything else gets a problem (RFC 9457).</summary>
    public IReadOnlyDictionary<string, Func<HttpContext, ApiException, Task>> ErrorShapes { get; init; } = new Dictionary<string, Func<HttpContext, ApiException, Task>>();

    internal Task WriteErrorAsync(HttpContext context, ApiException error)
    {
        var shape = ErrorShapes.FirstOrDefault(s => context.Request.Path.StartsWithSegments(s.Key, StringComparison.Ordinal)).Value ?? Problem.WriteAsync;
        if (error.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString();
        }

        return shape(context, error);
    }

    /// <summary>Without the tokens.</summary>
    public override string ToString() => nameof(HttpOptions);
}
