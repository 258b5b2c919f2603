using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Tests.Agent;

/// <summary>A model whose every word the test says, when it says it.</summary>
internal sealed class ScriptedClient : IChatClient
{
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();

    public ValueTask<Call> NextAsync() => _calls.Reader.ReadAsync();

    /// <summary>Whether a call waits to be answered.</summary>
    public bool IsAsked => _calls.Reader.TryPeek(out _);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = new Call([.. messages], options);
        await _calls.Writer.WriteAsync(call, cancellationToken);
        await foreach (var update in call.Updates.Reader.ReadAllAsync(cancellationToken))
        {
            yield return update;
        }
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Turns stream.");

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    internal sealed class Call(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        public Channel<ChatResponseUpdate> Updates { get; } = Channel.CreateUnbounded<ChatResponseUpdate>();

        public IReadOnlyList<ChatMessage> Messages => messages;

        public ChatOptions? Options => options;

        public string Last => messages[^1].Text;

        public void Say(params AIContent[] contents) => Updates.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, contents));

        public void Say(string text) => Say(new TextContent(text));

        public void End(ChatFinishReason? reason)
        {
            if (reason is { } given)
            {
                Updates.Writer.TryWrite(new ChatResponseUpdate(ChatRole.Assistant, "") { FinishReason = given });
            }

            Updates.Writer.TryComplete();
        }

        public void Fail(Exception error) => Updates.Writer.TryComplete(error);

        /// <summary>Asks for those calls, in one answer.</summary>
        public void Calls(params AIContent[] calls)
        {
            Say(calls);
            End(ChatFinishReason.ToolCalls);
        }

        public void Answer(string text)
        {
            Say(text);
            End(ChatFinishReason.Stop);
        }
    }
}
