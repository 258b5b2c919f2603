using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace ProtoAgent.CrashHost;

/// <summary>A model that calls two tools, calls them again, and answers: decided by the results it is told, so that it says the same to whichever process asks.</summary>
internal sealed class ThreeRounds(Points points) : IChatClient
{
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var round = messages.Count(m => m.Role == ChatRole.Tool) + 1;
        points.Reach($"before answer {round}");
        await Task.Yield();
        yield return new ChatResponseUpdate(ChatRole.Assistant, $"round {round}");
        points.Reach($"in answer {round}");
        if (round < 3)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [Call("again", round), Call("once", round)]) { FinishReason = ChatFinishReason.ToolCalls };
        }
        else
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, " and done") { FinishReason = ChatFinishReason.Stop };
        }

        points.Reach($"after answer {round}");
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("Turns stream.");

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private static FunctionCallContent Call(string tool, int round) =>
        new($"{tool}{round}", tool, new Dictionary<string, object?> { ["n"] = System.Text.Json.JsonElement.Parse($"{round}") });
}
