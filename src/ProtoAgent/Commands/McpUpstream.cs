using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProtoAgent.Commands;

/// <summary>
/// The instance's side: finds it, has a session with it, and has another one when the instance was started again. The client notices
/// nothing of that but errors for what was asked meanwhile.
/// </summary>
/// <param name="find">The instance there is now; null, with the reason written, if there is none.</param>
internal sealed class McpUpstream(Func<TextWriter, ChatTarget?> find, McpOutput output, TimeProvider time) : IAsyncDisposable
{
    private const string Session = "Mcp-Session-Id";

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly CancellationTokenSource _over = new();
    private readonly McpReplay _replay = new();
    private Task _listening = Task.CompletedTask;
    private volatile McpLink? _link;
    private string _complained = "";

    public McpOutput Output => output;

    /// <summary>The client's <c>initialize</c>: a session with the instance, and its answer.</summary>
    public async Task BeginAsync(McpMessage initialize, CancellationToken cancelled)
    {
        _replay.Initialize = initialize;
        _link = null;
        await PassAsync(initialize, cancelled);
    }

    public async Task PassAsync(McpMessage message, CancellationToken cancelled)
    {
        _replay.Note(message);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancelled, _over.Token);
        try
        {
            var link = await LinkAsync(null, message, either.Token);
            if (!await TryAsync(link, message, either.Token))
            {
                // The instance was started again, or forgot the session: the message did not get to anybody.
                await TryAsync(await LinkAsync(link, message, either.Token), message, either.Token, last: true);
            }
        }
        catch (McpGoneException e)
        {
            Complain(e.Message);
            await output.FailAsync(message, -32000, e.Message);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
        {
            await output.FailAsync(message, -32000, $"The instance does not answer: {e.Message} 'protoagent ps' lists those that run; start it with 'protoagent serve'.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            await output.FailAsync(message, -32000, $"The instance went away before it had answered ({e.Message}). Whether it did what was asked is not known: look before asking again.");
        }
        catch (OperationCanceledException)
        {
            // The client is gone.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _listening;
        if (_link is { Id: not null } link)
        {
            try
            {
                using var late = new CancellationTokenSource(s_closing, time);
                using var request = link.Request(HttpMethod.Delete);
                using var _ = await link.Http.SendAsync(request, late.Token);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // The instance ends the session by itself after a while.
            }
        }

        _link?.Dispose();
        _over.Dispose();
    }

    /// <summary>The session there is, or another one than <paramref name="broken"/>.</summary>
    private async Task<McpLink> LinkAsync(McpLink? broken, McpMessage? message, CancellationToken cancelled)
    {
        if (_link is { } there && there != broken)
        {
            return there;
        }

        await _opening.WaitAsync(cancelled);
        try
        {
            if (_link is { } another && another != broken)
            {
                return another;
            }

            var why = new StringWriter();
            var target = find(why) ?? throw new McpGoneException(why.ToString().Replace("protoagent: ", "", StringComparison.Ordinal).Trim());
            var link = new McpLink(target.Client());
            if (_replay.Initialize is not null && message?.Method != "initialize" && message?.Revision is null)
            {
                await _replay.AgainAsync(link, cancelled);
                Listen(link);
            }

            return _link = link;
        }
        catch (HttpRequestException e)
        {
            throw new McpGoneException($"The instance does not answer: {e.Message} 'protoagent ps' lists those that run; start it with 'protoagent serve'.");
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>False if the message did not reach the instance, or its session there is gone.</summary>
    private async Task<bool> TryAsync(McpLink link, McpMessage message, CancellationToken cancelled, bool last = false)
    {
        using var request = link.Request(HttpMethod.Post, message);
        HttpResponseMessage answer;
        try
        {
            answer = await link.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError && !last)
        {
            return false;
        }

        using (answer)
        {
            if (answer.StatusCode == HttpStatusCode.NotFound && link.Id is not null && !last)
            {
                return false;
            }

            if (!answer.IsSuccessStatusCode)
            {
                await RefuseAsync(message, answer, cancelled);
                return true;
            }

            if (message.Method == "initialize")
            {
                link.Id = answer.Headers.TryGetValues(Session, out var ids) ? ids.First() : null;
            }

            await foreach (var text in MessagesAsync(answer, cancelled))
            {
                if (message.Method == "initialize")
                {
                    link.Revision = McpReplay.RevisionOf(text) ?? link.Revision;
                }

                await output.SendAsync(text);
            }

            if (message.Method == "notifications/initialized" || (message.Method == "initialize" && link.Id is not null && !_replay.AwaitsInitialized))
            {
                Listen(link);
            }

            return true;
        }
    }

    /// <summary>An answer with the request's id, whatever the instance, or something before it, said.</summary>
    private async Task RefuseAsync(McpMessage message, HttpResponseMessage answer, CancellationToken cancelled)
    {
        var body = await answer.Content.ReadAsStringAsync(cancelled);
        var said = Parse(body);
        if (said?["id"] is not null && said["error"] is not null)
        {
            await output.SendAsync(body);
            return;
        }

        var what = (said?["error"] as JsonObject)?["message"]?.ToString() ?? said?["detail"]?.ToString() ?? $"It answered {(int)answer.StatusCode}.";
        var token = answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? " Give this program the instance's token: A2A_AUTH_TOKEN, or auth.token in the instance's configuration." : "";
        Complain($"the instance refused: {what}{token}");
        await output.FailAsync(message, -32000, $"The instance refused: {what}{token}");
    }

    /// <summary>What the server says unasked. After the instance was gone it is tried for again and again, ever more seldom.</summary>
    private void Listen(McpLink link)
    {
        if (link.Id is not null && Interlocked.Exchange(ref link.Listening, 1) == 0)
        {
            _listening = Task.WhenAll(_listening, Task.Run(() => ListenAsync(link)));
        }
    }

    private async Task ListenAsync(McpLink link)
    {
        var (pause, seen) = (s_firstPause, (string?)null);
        while (!_over.IsCancellationRequested && _link == link)
        {
            try
            {
                using var request = link.Request(HttpMethod.Get);
                if (seen is not null)
                {
                    request.Headers.Add("Last-Event-ID", seen);
                }

                using var answer = await link.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _over.Token);
                if (answer.StatusCode == HttpStatusCode.NotFound)
                {
                    // A fresh start of the instance: another session takes this one's place, and its own stream.
                    await LinkAsync(link, null, _over.Token);
                    return;
                }

                if (!answer.IsSuccessStatusCode)
                {
                    return;
                }

                pause = s_firstPause;
                await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(_over.Token)).EnumerateAsync(_over.Token))
                {
                    seen = item.EventId is { Length: > 0 } id ? id : seen;
                    if (item.Data.Length > 0)
                    {
                        await output.SendAsync(item.Data);
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or McpGoneException)
            {
                // Looked for anew below: it may be back on another port.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await Task.Delay(pause, time, _over.Token);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
                if (find(TextWriter.Null) is { } now && now.Url != link.Http.BaseAddress)
                {
                    await LinkAsync(link, null, _over.Token);
                    return;
                }
            }
            catch (McpGoneException)
            {
                // Not yet.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async IAsyncEnumerable<string> MessagesAsync(HttpResponseMessage answer, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancelled)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            if (await answer.Content.ReadAsStringAsync(cancelled) is { Length: > 0 } whole)
            {
                yield return whole;
            }

            yield break;
        }

        await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(cancelled)).EnumerateAsync(cancelled))
        {
            if (item.Data.Length > 0)
            {
                yield return item.Data;
            }
        }
    }

    private static JsonObject? Parse(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>To the person who reads the client's log; the same thing once.</summary>
    private void Complain(string message)
    {
        if (_complained != message)
        {
            _complained = message;
            Console.Error.WriteLine($"protoagent: {message}");
        }
    }
}

/// <summary>There is no instance to talk to; the message says what to do.</summary>
internal sealed class McpGoneException(string message) : Exception(message);
