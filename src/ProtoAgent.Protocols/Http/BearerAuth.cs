using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>Bearer tokens. With none configured every surface is open to whoever reaches the port, which is loopback then.</summary>
internal sealed class BearerAuth
{
    private const string Scheme = "Bearer ";

    private static readonly string[] s_public = ["/healthz", "/readyz", "/.well-known/agent-card.json"];
    private static readonly string[] s_federated = ["/a2a", "/v1"];

    private readonly byte[]? _token;
    private readonly byte[]? _federation;
    private readonly EventTickets? _tickets;
    private readonly RequestDelegate _next;

    public BearerAuth(HttpOptions options, RequestDelegate next)
    {
        _token = Digest(options.Token);
        _federation = Digest(options.FederationToken);
        _tickets = options.Tickets;
        _next = next;
    }

    /// <summary>Whether it is open to whoever reaches the port.</summary>
    public static bool IsPublic(PathString path) => Array.Exists(s_public, p => path.Equals(p, StringComparison.Ordinal));

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path;
        if ((_token is null && _federation is null) || IsPublic(path))
        {
            return _next(context);
        }

        var header = context.Request.Headers.Authorization.ToString();
        var given = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? Digest(header[Scheme.Length..].Trim()) : null;
        if (Matches(given, _token))
        {
            return _next(context);
        }

        if (Matches(given, _federation))
        {
            return Array.Exists(s_federated, p => path.StartsWithSegments(p, StringComparison.Ordinal))
                ? _next(context)
                : throw new ApiException(
                    StatusCodes.Status403Forbidden, "federation_token_not_allowed", $"The federation token opens {string.Join(" and ", s_federated)} alone.");
        }

        if (given is null && _tickets is not null && EventTickets.IsFor(path)
            && context.Request.Query[EventTickets.Parameter].ToString() is { Length: > 0 } ticket)
        {
            return _tickets.Redeem(ticket)
                ? _next(context)
                : throw new ApiException(
                    StatusCodes.Status401Unauthorized, "ticket_expired", "The ticket has been used, or is older than 30 seconds. Take another from POST /api/events/ticket.");
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        throw new ApiException(
            StatusCodes.Status401Unauthorized, "unauthorized",
            given is null ? "This instance wants a token: 'Authorization: Bearer <token>'." : "The token is not this instance's.");
    }

    /// <summary>Digests are of one length and compared in constant time, so that neither length nor content leaks.</summary>
    private static bool Matches(byte[]? given, byte[]? expected) =>
        given is not null && expected is not null && CryptographicOperations.FixedTimeEquals(given, expected);

    private static byte[]? Digest(string? token) => string.IsNullOrEmpty(token) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
