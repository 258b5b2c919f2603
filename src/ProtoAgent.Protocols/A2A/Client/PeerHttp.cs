using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ProtoAgent.Agent.Records;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>HTTP as one peer is called: its token, bounded answers, no redirects (which would carry the token along), and errors in words.</summary>
internal sealed class PeerHttp(PeerOptions peer, HttpClient http)
{
    /// <summary>Of the protocol, as each request says it.</summary>
    public string Version { get; init; } = "1.0";

    public static HttpClient CreateClient() =>
        new(new TraceForwarding(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(10) }))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

    /// <summary>One answer. Of an error with a body in JSON that body: the binding knows what it says.</summary>
    public async Task<JsonElement> AskAsync(HttpMethod method, Uri url, string? body, string mediaType, CancellationToken cancelled)
    {
        using var response = await SendAsync(method, url, body, mediaType, mediaType, cancelled);
        return await ReadAsync(response, cancelled);
    }

    /// <summary>Answers as they come.</summary>
    public async IAsyncEnumerable<JsonElement> StreamAsync(HttpMethod method, Uri url, string? body, string mediaType, [EnumeratorCancellation] CancellationToken cancelled)
    {
        using var response = await SendAsync(method, url, body, mediaType, "text/event-stream", cancelled);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            // Refused before the stream began, or answered at once.
            yield return await ReadAsync(response, cancelled);
            yield break;
        }

        await using var stream = new BoundedBody(await response.Content.ReadAsStreamAsync(cancelled), peer.Name);
        await using var events = SseParser.Create(stream, (_, data) => JsonElement.Parse(data)).EnumerateAsync(cancelled).GetAsyncEnumerator(cancelled);
        while (await ToldAsync(async () => await events.MoveNextAsync(), cancelled))
        {
            yield return events.Current.Data;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri url, string? body, string mediaType, string accept, CancellationToken cancelled)
    {
        using var request = new HttpRequestMessage(method, url);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
        }

        request.Headers.Accept.ParseAdd(accept);
        if (accept != "application/json")
        {
            request.Headers.Accept.ParseAdd("application/json;q=0.9");
        }

        request.Headers.TryAddWithoutValidation("A2A-Version", Version);
        if (peer.Token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await ToldAsync(() => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled), cancelled);
    }

    private async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancelled)
    {
        var status = (int)response.StatusCode;
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new PeerException($"The peer '{peer.Name}' answered {status}: {(peer.Token is null ? "it wants a token, and none is configured (a2a.peers." + peer.Name + ".token)" : "it does not take the token that is configured for it")}.");
        }

        return await ToldAsync(
            async () =>
            {
                await using var body = new BoundedBody(await response.Content.ReadAsStreamAsync(cancelled), peer.Name);
                try
                {
                    using var document = await JsonDocument.ParseAsync(body, default, cancelled);
                    return document.RootElement.Clone();
                }
                catch (JsonException) when (!response.IsSuccessStatusCode)
                {
                    throw new PeerException($"The peer '{peer.Name}' answered {status}.", isBroken: status >= 500);
                }
            },
            cancelled);
    }

    private async Task<T> ToldAsync<T>(Func<Task<T>> call, CancellationToken cancelled)
    {
        try
        {
            return await call();
        }
        catch (OperationCanceledException e) when (!cancelled.IsCancellationRequested)
        {
            throw new PeerException($"The peer '{peer.Name}' did not accept a connection in time.", isBroken: true, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new PeerException($"The peer '{peer.Name}' can't be reached: {e.Message}", isBroken: true, e);
        }
        catch (JsonException e)
        {
            throw new PeerException($"The peer '{peer.Name}' does not answer in JSON as A2A has it.", isBroken: false, e);
        }
    }
}
