using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>Bearer tokens. With none configured every surface is open to whoever reaches the port, which is loopback then.</summary>
internal sealed class BearerAuth
{
    private const string Scheme = "Bearer ";
    private const int LongestPathTold = 200;

    private static readonly string[] s_public = ["/healthz", "/readyz", "/.well-known/agent-card.json", "/.well-known/agent.json"];
    private static readonly string[] s_federated = ["/a2a", "/v1"];

    private readonly byte[]? _token;
    private readonly byte[]? _federation;
    private readonly HttpOptions _options;
    private readonly TokenFailures _failures;
    private readonly RequestDelegate _next;

    public BearerAuth(HttpOptions options, RequestDelegate next)
    {
        _token = Digest(options.Token);
        _federation = Digest(options.FederationToken);
        _options = options;
        _failures = new TokenFailures(options.Time);
        _next = next;
    }

    /// <summary>Whether it is open to whoever reaches the port.</summary>
    public static bool IsPublic(PathString path) => Array.Exists(s_public, p => path.Equals(p, StringComparison.Ordinal));

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path;
        if ((_token is null && _federation is null) || IsPublic(path) || _options.Public.Contains(path.Value ?? "") || LoopbackReaders.IsOpenTo(context))
        {
            return _next(context);
        }

        if (Given(context) is { } given)
        {
            Admit(context, Digest(given)!);
            return _next(context);
        }

        if (_options.Tickets is { } tickets && EventTickets.IsFor(path)
            && context.Request.Query[EventTickets.Parameter].ToString() is { Length: > 0 } ticket)
        {
            return tickets.Redeem(ticket)
                ? _next(context)
                : throw new ApiException(
                    StatusCodes.Status401Unauthorized, "ticket_expired", "The ticket has been used, or is older than 30 seconds. Take another from POST /api/events/ticket.");
        }

        throw Unauthorized(context, "This instance wants a token: 'Authorization: Bearer <token>'.");
    }

    /// <summary>Null if there is no token in the request.</summary>
    private static string? Given(HttpContext context)
    {
        var headers = context.Request.Headers.Authorization;
        if (headers.Count > 1)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, "bad_request", "The request has several Authorization headers. Send the token in one.");
        }

        var header = headers.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && header[Scheme.Length..].Trim() is { Length: > 0 } token ? token : null;
    }

    /// <exception cref="ApiException">The token opens nothing, or not this.</exception>
    private void Admit(HttpContext context, byte[] given)
    {
        var from = RemoteAddress.Of(context, _options.TrustedProxies);
        if (_failures.WaitOf(from, given) is var wait && wait > TimeSpan.Zero)
        {
            throw new ApiException(
                StatusCodes.Status429TooManyRequests, "too_many_attempts",
                $"Too many wrong tokens came from {from}. No token from there is looked at for another {Math.Ceiling(wait.TotalSeconds)} s.", retryAfter: wait);
        }

        // Both, whatever the first says: how long it takes tells nothing.
        var (isToken, isFederation) = (Matches(given, _token), Matches(given, _federation));
        if (isToken)
        {
            return;
        }

        var path = context.Request.Path;
        if (isFederation)
        {
            Federation.Mark(context);
            if (Array.Exists(s_federated, p => path.StartsWithSegments(p, StringComparison.Ordinal)))
            {
                return;
            }

            throw new ApiException(
                StatusCodes.Status403Forbidden, "federation_token_not_allowed", $"The federation token opens {string.Join(" and ", s_federated)} alone.");
        }

        if (_failures.Count(from, given) is var (failures, pause))
        {
            var told = path.Value ?? "";
            _options.Refused?.Invoke(new TokenRefused(from, context.Request.Method, told.Length > LongestPathTold ? told[..LongestPathTold] : told, failures, pause));
        }

        throw Unauthorized(context, "The token is not this instance's.");
    }

    private static ApiException Unauthorized(HttpContext context, string message)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return new ApiException(StatusCodes.Status401Unauthorized, "unauthorized", message);
    }

    /// <summary>Digests are of one length and compared in constant time, so that neither length nor content leaks.</summary>
    private static bool Matches(byte[] given, byte[]? expected) => expected is not null && CryptographicOperations.FixedTimeEquals(given, expected);

    private static byte[]? Digest(string? token) => string.IsNullOrEmpty(token) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
