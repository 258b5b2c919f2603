using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;

namespace ProtoAgent.Agent.Network;

/// <summary>Downloads what a model or a peer named: through the fence, bounded in time, size and redirects.</summary>
public sealed class FencedClient : IDisposable
{
    public const int MaxRedirects = 5;

    private const int LongestErrorBody = 4096;

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <param name="userAgent">A product token, as in <c>ProtoAgent/1.0</c>.</param>
    public FencedClient(NetworkFence fence, TimeProvider time, string userAgent = "ProtoAgent")
    {
        _time = time;
        _http = new HttpClient(fence.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd(userAgent);
    }

    /// <summary>GET. Any status that is no redirect is an answer.</summary>
    /// <exception cref="NetworkException">Refused, unreachable, too slow, broken off, or sent around too often.</exception>
    public async Task<Download> GetAsync(Uri url, DownloadLimits limits, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limits.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var at = url;
        try
        {
            for (var hops = 0; ; hops++)
            {
                NetworkFence.CheckUrl(at);
                using var request = new HttpRequestMessage(HttpMethod.Get, at);
                request.Headers.Accept.ParseAdd(limits.Accept);
                using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
                if (Redirect(at, response) is not { } next)
                {
                    return await ReadAsync(at, response, limits, either.Token);
                }

                at = hops < MaxRedirects ? next : throw new NetworkException($"{url} was redirected more than {MaxRedirects} times, last to {next}. It can't be read.");
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NetworkException(
                late.IsCancellationRequested
                    ? $"{at.IdnHost} did not answer to the end within {limits.Timeout.TotalSeconds:0} s. Try again later, or another source."
                    : $"{at.IdnHost} did not accept a connection in time. Try again later, or another source.",
                e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            throw Failure(at, e);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Where the answer sends us; null when it is no redirect.</summary>
    private static Uri? Redirect(Uri from, HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || response.Headers.Location is not { } location)
        {
            return null;
        }

        if (!Uri.TryCreate(from, location, out var to))
        {
            throw new NetworkException($"{from.IdnHost} redirects to '{location}', which is no URL.");
        }

        return from.Scheme == Uri.UriSchemeHttps && to.Scheme == Uri.UriSchemeHttp
            ? throw new NetworkException($"{from.IdnHost} redirects from https to plain http ({to.IdnHost}), which is not followed.")
            : to;
    }

    private static async Task<Download> ReadAsync(Uri at, HttpResponseMessage response, DownloadLimits limits, CancellationToken cancellationToken)
    {
        var type = response.Content.Headers.ContentType;
        var mediaType = type?.MediaType?.ToLowerInvariant();
        var (body, truncated) = !response.IsSuccessStatusCode ? await BodyAsync(response, Math.Min(limits.MaxBytes, LongestErrorBody), cancellationToken)
            : limits.Wants(mediaType) ? await BodyAsync(response, limits.MaxBytes, cancellationToken)
            : (default, false);
        return new Download(at, (int)response.StatusCode, mediaType, Charset(type), response.Content.Headers.ContentLength, body, truncated);
    }

    private static string? Charset(MediaTypeHeaderValue? type) => type?.CharSet?.Trim('"', '\'', ' ') is { Length: > 0 } charset ? charset : null;

    private static async Task<(ReadOnlyMemory<byte> Body, bool Truncated)> BodyAsync(HttpResponseMessage response, int most, CancellationToken cancellationToken)
    {
        await using var from = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var piece = new byte[32 * 1024];
        while (true)
        {
            // One byte more than wanted tells a body that fits from one that doesn't.
            var read = await from.ReadAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, most - body.Length + 1)), cancellationToken);
            body.Write(piece, 0, read);
            if (read == 0 || body.Length > most)
            {
                return (body.GetBuffer().AsMemory(0, (int)Math.Min(body.Length, most)), body.Length > most);
            }
        }
    }

    private static NetworkException Failure(Uri at, Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case NetworkException said:
                    return said;
                case AuthenticationException:
                    return new NetworkException($"{at.IdnHost} has no certificate that can be trusted: {inner.Message}", e);
            }
        }

        return e switch
        {
            InvalidDataException => new NetworkException($"The answer of {at.IdnHost} is not compressed the way it says. It can't be read.", e),
            HttpRequestException { StatusCode: null, HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } =>
                new NetworkException($"{at.IdnHost} did not answer as an HTTP server does: {e.Message}", e),
            _ => new NetworkException($"The connection to {at.IdnHost} broke: {e.Message} Try again later.", e),
        };
    }
}
