using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProtoAgent.Commands;

/// <summary>
/// Passes JSON-RPC messages between a client's pipe and the instance's streamable HTTP, untouched. It knows of them only what the way needs: the
/// session's id, what begins one, and the id of a request, to answer with an error when the instance can't be reached.
/// </summary>
internal sealed class McpBridge(Func<ChatTarget?> find, Stream input, Stream output) : IDisposable
{
    private const string SessionHeader = "Mcp-Session-Id";
    private const string VersionHeader = "MCP-Protocol-Version";
    private const string Initialize = "initialize";

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _beginning = new(1, 1);
    private readonly StreamWriter _output = new(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = false };
    private ChatTarget? _target;
    private HttpClient? _http;
    private string? _session;
    private string? _version;
    private string? _hello;
    private CancellationTokenSource? _listening;

    /// <summary>Until the client's input ends; what is under way then gets to its end.</summary>
    public async Task RunAsync(CancellationToken cancelled)
    {
        using var reader = new StreamReader(input, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        var under = new List<Task>();
        while (await reader.ReadLineAsync(cancelled) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (MethodOf(line) == Initialize)
            {
                // Everything else is said within what this one begins.
                _hello = line;
                (_session, _version) = (null, null);
                await PassAsync(line, cancelled);
            }
            else
            {
                under.RemoveAll(t => t.IsCompleted);
                under.Add(PassAsync(line, cancelled));
            }
        }

        await Task.WhenAll(under);
        await EndAsync();
    }

    public void Dispose()
    {
        _listening?.Cancel();
        _listening?.Dispose();
        _http?.Dispose();
        _writing.Dispose();
        _beginning.Dispose();
        _output.Dispose();
    }

    private async Task PassAsync(string line, CancellationToken cancelled)
    {
        try
        {
            using var answer = await SendAsync(line, cancelled);
            await TellAsync(answer, line, cancelled);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidOperationException)
        {
            await FailAsync(line, e is InvalidOperationException ? e.Message : $"The instance does not answer: {e.Message}");
        }
    }

    /// <summary>Once more where the instance was started again since: it knows nothing of the session, which is begun anew as the client began it.</summary>
    private async Task<HttpResponseMessage> SendAsync(string line, CancellationToken cancelled)
    {
        var session = _session;
        HttpResponseMessage answer;
        try
        {
            answer = await PostAsync(line, cancelled);
        }
        catch (HttpRequestException) when (_target is not null)
        {
            Forget();
            return await BeginAgainAsync(session, line, cancelled);
        }

        if (answer.StatusCode != HttpStatusCode.NotFound || session is null)
        {
            return answer;
        }

        answer.Dispose();
        return await BeginAgainAsync(session, line, cancelled);
    }

    private async Task<HttpResponseMessage> BeginAgainAsync(string? session, string line, CancellationToken cancelled)
    {
        if (session is not null && MethodOf(line) != Initialize)
        {
            await _beginning.WaitAsync(cancelled);
            try
            {
                // Another message may have begun it meanwhile.
                if (_session == session)
                {
                    using var hello = await PostAsync(_hello!, cancelled, isHello: true);
                    await hello.Content.ReadAsStringAsync(cancelled);
                    hello.EnsureSuccessStatusCode();
                    Remember(hello);
                    using var ready = await PostAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", cancelled);
                    Listen(cancelled);
                }
            }
            finally
            {
                _beginning.Release();
            }
        }

        return await PostAsync(line, cancelled);
    }

    /// <param name="isHello">It begins a session, and is none's.</param>
    private async Task<HttpResponseMessage> PostAsync(string line, CancellationToken cancelled, bool isHello = false)
    {
        var http = _http ??= (_target = find() ?? throw new InvalidOperationException("The instance isn't running. Start it with 'protoagent serve', with the same PROTOAGENT_INSTANCE; the next message reaches it.")).Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp");
        request.Content = new StringContent(line, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (!isHello)
        {
            Address(request);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled);
    }

    private void Address(HttpRequestMessage request)
    {
        if (_session is { } session)
        {
            request.Headers.TryAddWithoutValidation(SessionHeader, session);
        }

        if (_version is { } version)
        {
            request.Headers.TryAddWithoutValidation(VersionHeader, version);
        }
    }

    private async Task TellAsync(HttpResponseMessage answer, string line, CancellationToken cancelled)
    {
        var isHello = MethodOf(line) == Initialize;
        if (isHello)
        {
            Remember(answer);
        }

        if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(cancelled)).EnumerateAsync(cancelled))
            {
                if (item.Data.Length > 0)
                {
                    Learn(isHello, item.Data);
                    await WriteAsync(item.Data);
                }
            }
        }
        else if (await answer.Content.ReadAsStringAsync(cancelled) is { Length: > 0 } body)
        {
            // An error from before the message was one of a session has no id; the client waits for one.
            if (answer.IsSuccessStatusCode)
            {
                Learn(isHello, body);
                await WriteAsync(body.ReplaceLineEndings(" "));
            }
            else
            {
                await FailAsync(line, MessageOf(body) ?? $"The instance answered {(int)answer.StatusCode}.");
            }
        }

        if (isHello && _session is not null)
        {
            Listen(cancelled);
        }
    }

    private void Remember(HttpResponseMessage hello) => _session = hello.Headers.TryGetValues(SessionHeader, out var ids) ? ids.First() : null;

    private void Learn(bool isHello, string message)
    {
        if (isHello && JsonNode.Parse(message)?["result"]?["protocolVersion"] is { } version)
        {
            _version = (string?)version;
        }
    }

    /// <summary>What the server says by itself. Its end is no reason to stop: the next message finds out what became of the instance.</summary>
    private void Listen(CancellationToken cancelled)
    {
        _listening?.Cancel();
        _listening = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        _ = ListenAsync(_http!, _listening.Token);
    }

    private async Task ListenAsync(HttpClient http, CancellationToken stop)
    {
        string? last = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/mcp");
                request.Headers.Accept.ParseAdd("text/event-stream");
                Address(request);
                if (last is not null)
                {
                    request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
                }

                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
                if (!answer.IsSuccessStatusCode)
                {
                    return;
                }

                await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(stop)).EnumerateAsync(stop))
                {
                    last = item.EventId is { Length: > 0 } id ? id : last;
                    if (item.Data.Length > 0)
                    {
                        await WriteAsync(item.Data);
                    }
                }

                await Task.Delay(s_again, stop);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Forget()
    {
        _http?.Dispose();
        (_http, _target) = (null, null);
    }

    private async Task EndAsync()
    {
        if (_session is null || _http is null)
        {
            return;
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, "/mcp");
            Address(request);
            using var answer = await _http.SendAsync(request);
        }
        catch (HttpRequestException)
        {
            // Then there is no session to end.
        }
    }

    private async Task FailAsync(string line, string why)
    {
        await Console.Error.WriteLineAsync($"protoagent: {why}");
        if (IdOf(line) is { } id)
        {
            await WriteAsync(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["error"] = new JsonObject { ["code"] = -32000, ["message"] = why } }.ToJsonString());
        }
    }

    private async Task WriteAsync(string message)
    {
        await _writing.WaitAsync();
        try
        {
            await _output.WriteAsync(message);
            await _output.WriteAsync('\n');
            await _output.FlushAsync();
        }
        finally
        {
            _writing.Release();
        }
    }

    private static string? MethodOf(string line) => Parsed(line)?["method"] is JsonValue method && method.TryGetValue<string>(out var name) ? name : null;

    /// <summary>Null for what wants no answer.</summary>
    private static JsonNode? IdOf(string line) => Parsed(line) is { } message && message["method"] is not null ? message["id"]?.DeepClone() : null;

    private static string? MessageOf(string body) => Parsed(body) is { } answer ? (string?)(answer["error"]?["message"] ?? answer["detail"]) : null;

    private static JsonObject? Parsed(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
