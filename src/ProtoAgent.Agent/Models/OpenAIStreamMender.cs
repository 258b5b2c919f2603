using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatFinishReason = Microsoft.Extensions.AI.ChatFinishReason;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace ProtoAgent.Agent.Models;

/// <summary>
/// What compatible endpoints send and the client beneath loses: thinking in a field <c>reasoning</c> (vLLM, LM Studio, OpenRouter;
/// it knows <c>reasoning_content</c>), an error in the middle of a stream, tool calls without an id, several calls under one
/// index, and the text of arguments that are not JSON.
/// </summary>
internal sealed class OpenAIStreamMender(IChatClient inner, ModelOptions options) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var calls = new WrittenCalls();
        ChatFinishReason? finish = null;
        var said = false;
        await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(updates, calls, finish))
        {
            var update = updates.Current;
            finish = update.FinishReason ?? finish;
            if (update.RawRepresentation is StreamingChatCompletionUpdate raw)
            {
                calls.Add(raw.ToolCallUpdates);

                // Thinking comes before the answer, at the latest in its first piece; most pieces after that are text alone.
                var text = update.Text.Length > 0;
                if (!said || !text)
                {
                    Mend(update, raw);
                }

                said |= text;
            }
            else
            {
                // The client's own reading of the calls; ours follows.
                update.Contents = [.. update.Contents.Where(c => c is not FunctionCallContent)];
            }

            yield return update;
        }

        if (calls.Any && finish is not null)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [.. calls.Read()]) { FinishReason = finish };
        }
    }

    /// <summary>Asked for its reading of the calls at the end, the client beneath throws where one has no id.</summary>
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, WrittenCalls calls, ChatFinishReason? finish)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (ArgumentNullException) when (calls.Any && finish is not null)
        {
            return false;
        }
    }

    private void Mend(ChatResponseUpdate update, StreamingChatCompletionUpdate raw)
    {
        using var document = JsonDocument.Parse(((IPersistableModel<StreamingChatCompletionUpdate>)raw).Write(ModelReaderWriterOptions.Json));
        var root = document.RootElement;
        if (root.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object or JsonValueKind.String)
        {
            throw ModelErrors.FromStatus(Status(error), root.GetRawText(), retryAfter: null, options);
        }

        if (!update.Contents.Any(c => c is TextReasoningContent) && root.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
            && choices[0].TryGetProperty("delta", out var delta) && delta.ValueKind == JsonValueKind.Object
            && delta.TryGetProperty("reasoning", out var reasoning) && reasoning.ValueKind == JsonValueKind.String && reasoning.GetString() is { Length: > 0 } thought)
        {
            update.Contents = [new TextReasoningContent(thought), .. update.Contents];
        }
    }

    /// <summary>Most name an HTTP status as the code; else it is the endpoint that failed.</summary>
    private static int Status(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var status) && status is >= 400 and < 600
            ? status : 500;

    /// <summary>The calls as they are written, piece by piece.</summary>
    private sealed class WrittenCalls
    {
        private readonly List<WrittenCall> _calls = [];

        public bool Any => _calls.Count > 0;

        /// <summary>A piece continues the last call of its index, unless it has another id: some endpoints give every call the index 0.</summary>
        public void Add(IReadOnlyList<StreamingChatToolCallUpdate>? pieces)
        {
            foreach (var piece in pieces ?? [])
            {
                var call = _calls.FindLast(c => c.Index == piece.Index);
                if (call is null || (piece.ToolCallId is { Length: > 0 } id && call.Id is { Length: > 0 } other && id != other))
                {
                    call = new WrittenCall(piece.Index);
                    _calls.Add(call);
                }

                call.Id = string.IsNullOrEmpty(call.Id) ? piece.ToolCallId : call.Id;
                call.Name = string.IsNullOrEmpty(call.Name) ? piece.FunctionName : call.Name;
                if (piece.FunctionArgumentsUpdate is { } written && !written.ToMemory().IsEmpty)
                {
                    call.Arguments.Append(written);
                }
            }
        }

        public IEnumerable<FunctionCallContent> Read() => _calls
            .Where(c => !string.IsNullOrWhiteSpace(c.Name))
            .Select(c => ToolArguments.Read(string.IsNullOrEmpty(c.Id) ? $"call_{Guid.NewGuid():N}" : c.Id, c.Name!, c.Arguments.ToString()));
    }

    private sealed class WrittenCall(int index)
    {
        public int Index => index;

        public string? Id { get; set; }

        public string? Name { get; set; }

        public StringBuilder Arguments { get; } = new();
    }
}
