using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Models.Anthropic;

namespace ProtoAgent.Tests.Agent.Models;

/// <summary>A client before an endpoint that plays what the test wrote.</summary>
internal sealed class AnthropicFixture : IAsyncDisposable
{
    public const string Key = "sk-ant-that-must-not-show";

    public const string Started =
        """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":200,"cache_creation_input_tokens":30,"output_tokens":1}}}""";

    public const string Stopped = """{"type":"message_stop"}""";

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    public AnthropicFixture(int retries = 2)
    {
        Options = new ModelOptions { Provider = "anthropic", BaseUrl = Server.Url, Name = "claude-x", ApiKey = Key, Retries = retries, Timeout = TimeSpan.FromSeconds(60) };
        Client = new AnthropicClient(Options, _http, Time);
    }

    public RawServer Server { get; } = new();

    public ImpatientTime Time { get; } = new();

    public ModelOptions Options { get; }

    public AnthropicClient Client { get; }

    /// <summary>Events as they go over the wire, each a piece.</summary>
    public static RawReply Events(params IReadOnlyList<string> data) => RawReply.Stream([.. data.Select(Event)]);

    public static string Event(string data) => $"event: {System.Text.Json.JsonDocument.Parse(data).RootElement.GetProperty("type")}\ndata: {data}\n\n";

    public static string TextDelta(string text, int index = 0) => Delta(index, $$"""{"type":"text_delta","text":{{System.Text.Json.JsonSerializer.Serialize(text)}}}""");

    public static string Delta(int index, string delta) => $$"""{"type":"content_block_delta","index":{{index}},"delta":{{delta}}}""";

    public static string Start(int index, string block) => $$"""{"type":"content_block_start","index":{{index}},"content_block":{{block}}}""";

    public static string Stop(int index) => $$"""{"type":"content_block_stop","index":{{index}}}""";

    public static string Ending(string reason, int tokens = 7) => $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{reason}}}","stop_sequence":null},"usage":{"output_tokens":{{{tokens}}}}}""";

    /// <summary>A whole answer of one text.</summary>
    public static RawReply Saying(params string[] pieces) =>
        Events([Started, Start(0, """{"type":"text","text":""}"""), .. pieces.Select(p => TextDelta(p)), Stop(0), Ending("end_turn"), Stopped]);

    public async Task<List<ChatResponseUpdate>> AskAsync(IEnumerable<ChatMessage>? messages = null, ChatOptions? options = null)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in Client.GetStreamingResponseAsync(messages ?? [new ChatMessage(ChatRole.User, "hi")], options))
        {
            updates.Add(update);
        }

        return updates;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _http.Dispose();
        await Server.DisposeAsync();
    }
}
