using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProtoAgent.Commands;

/// <summary>What a session is made of, so that another one can be made like it: the handshake, the log level, the subscriptions.</summary>
internal sealed class McpReplay
{
    private readonly ConcurrentDictionary<string, McpMessage> _subscriptions = new(StringComparer.Ordinal);
    private McpMessage? _level;
    private int _count;

    public McpMessage? Initialize { get; set; }

    /// <summary>The client has yet to say that it is ready.</summary>
    public bool AwaitsInitialized { get; private set; } = true;

    public void Note(McpMessage message)
    {
        switch (message.Method)
        {
            case "initialize":
                AwaitsInitialized = true;
                break;
            case "notifications/initialized":
                AwaitsInitialized = false;
                break;
            case "logging/setLevel":
                _level = message;
                break;
            case "resources/subscribe" when message.Name is { } uri:
                _subscriptions[uri] = message;
                break;
            case "resources/unsubscribe" when message.Name is { } uri:
                _subscriptions.TryRemove(uri, out _);
                break;
            default:
                break;
        }
    }

    /// <summary>As the client would, under ids of our own; of the answers it hears nothing.</summary>
    public async Task AgainAsync(McpLink link, CancellationToken cancelled)
    {
        var (answer, session) = await AskAsync(link, Initialize!, cancelled);
        (link.Id, link.Revision) = (session, RevisionOf(answer) ?? throw new McpGoneException($"The instance came back and did not take the session up again: {answer}"));
        await AskAsync(link, McpMessage.Parse("""{"jsonrpc":"2.0","method":"notifications/initialized"}"""), cancelled);
        foreach (var message in _subscriptions.Values.Append(_level).OfType<McpMessage>())
        {
            await AskAsync(link, message, cancelled);
        }
    }

    /// <summary>Null if it is no answer to <c>initialize</c>.</summary>
    public static string? RevisionOf(string answer)
    {
        try
        {
            return ((JsonNode.Parse(answer) as JsonObject)?["result"] as JsonObject)?["protocolVersion"]?.ToString();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<(string Answer, string? Session)> AskAsync(McpLink link, McpMessage message, CancellationToken cancelled)
    {
        if (message.IsRequest)
        {
            var renamed = JsonNode.Parse(message.Text)!;
            renamed["id"] = $"protoagent-{Interlocked.Increment(ref _count)}";
            message = message with { Text = renamed.ToJsonString() };
        }

        using var request = link.Request(HttpMethod.Post, message);
        using var answer = await link.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancelled);
        var last = "";
        if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            await foreach (var item in SseParser.Create(await answer.Content.ReadAsStreamAsync(cancelled)).EnumerateAsync(cancelled))
            {
                last = item.Data.Length > 0 ? item.Data : last;
            }
        }
        else
        {
            last = await answer.Content.ReadAsStringAsync(cancelled);
        }

        return (last, answer.Headers.TryGetValues("Mcp-Session-Id", out var ids) ? ids.First() : null);
    }
}
