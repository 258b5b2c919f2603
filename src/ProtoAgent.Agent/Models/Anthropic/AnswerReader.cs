using System.Text;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models.Anthropic;

/// <summary>
/// The events of one answer, made into updates. Thinking comes as it is thought and is closed by an empty piece that carries its
/// signature: with it a thought can be given back, which the API demands beside tool calls. Only <c>message_stop</c> gives a
/// finish reason: an answer without it is cut off, however whole it looks.
/// </summary>
internal sealed class AnswerReader(ModelOptions options)
{
    /// <summary>Sealed thinking among the signatures, which are base64 and hold no colon.</summary>
    public const string Redacted = "redacted:";

    private readonly SortedDictionary<int, OpenCall> _calls = [];
    private string? _id;
    private string? _model;
    private string? _stopReason;
    private StreamUsage _usage = new();

    /// <summary>The answer is whole; nothing after this belongs to it.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Null where there is nothing to pass on.</summary>
    /// <exception cref="ModelException">The endpoint gave up.</exception>
    public ChatResponseUpdate? Take(StreamEvent e)
    {
        switch (e.Type)
        {
            case "message_start":
                _id = e.Message?.Id;
                _model = e.Message?.Model;
                Count(e.Message?.Usage);
                return null;
            case "content_block_start":
                return Start(e.Index, e.ContentBlock);
            case "content_block_delta":
                return Grow(e.Index, e.Delta);
            case "content_block_stop":
                return _calls.Remove(e.Index, out var call) ? Update(call.Read()) : null;
            case "message_delta":
                _stopReason = e.Delta?.StopReason ?? _stopReason;
                Count(e.Usage);
                return null;
            case "message_stop":
                return End();
            case "error":
                throw ModelErrors.FromEvent(e.Error?.Type, e.Error?.Message, options);
            default:
                return null;
        }
    }

    private static ChatFinishReason? Reason(string? stopReason) => stopReason switch
    {
        null => null,
        "end_turn" or "stop_sequence" => ChatFinishReason.Stop,
        "max_tokens" or "model_context_window_exceeded" => ChatFinishReason.Length,
        "tool_use" => ChatFinishReason.ToolCalls,
        "refusal" => ChatFinishReason.ContentFilter,
        _ => new ChatFinishReason(stopReason),
    };

    private ChatResponseUpdate? Start(int index, StartedBlock? block)
    {
        switch (block?.Type)
        {
            case "text" when block.Text is { Length: > 0 } text:
                return Update(new TextContent(text));
            case "thinking" when block.Thinking is { Length: > 0 } || block.Signature is { Length: > 0 }:
                return Update(new TextReasoningContent(block.Thinking) { ProtectedData = NullIfEmpty(block.Signature) });
            case "redacted_thinking":
                return Update(new TextReasoningContent(null) { ProtectedData = Redacted + block.Data });
            case "tool_use":
                _calls[index] = new OpenCall(block.Id ?? $"call_{index}", block.Name ?? "", block.Input?.GetRawText());
                return null;
            default:
                return null;
        }
    }

    private ChatResponseUpdate? Grow(int index, StreamDelta? delta)
    {
        switch (delta?.Type)
        {
            case "text_delta" when delta.Text is { Length: > 0 } text:
                return Update(new TextContent(text));
            case "thinking_delta" when delta.Thinking is { Length: > 0 } thought:
                return Update(new TextReasoningContent(thought));
            case "signature_delta" when delta.Signature is { Length: > 0 } signature:
                return Update(new TextReasoningContent(null) { ProtectedData = signature });
            case "input_json_delta" when _calls.TryGetValue(index, out var call):
                call.Written.Append(delta.PartialJson);
                return null;
            default:
                return null;
        }
    }

    private ChatResponseUpdate End()
    {
        IsDone = true;
        var input = (_usage.InputTokens ?? 0) + (_usage.CacheReadInputTokens ?? 0) + (_usage.CacheCreationInputTokens ?? 0);
        var usage = new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = _usage.OutputTokens,
            TotalTokenCount = input + (_usage.OutputTokens ?? 0),
            CachedInputTokenCount = _usage.CacheReadInputTokens,
        };
        var update = Update([.. _calls.Values.Select(c => c.Read()), new UsageContent(usage)]);
        update.FinishReason = Reason(_stopReason);
        return update;
    }

    private void Count(StreamUsage? usage) => _usage = new StreamUsage(
        usage?.InputTokens ?? _usage.InputTokens,
        usage?.CacheReadInputTokens ?? _usage.CacheReadInputTokens,
        usage?.CacheCreationInputTokens ?? _usage.CacheCreationInputTokens,
        usage?.OutputTokens ?? _usage.OutputTokens);

    private ChatResponseUpdate Update(params IList<AIContent> contents) =>
        new(ChatRole.Assistant, contents) { ResponseId = _id, MessageId = _id, ModelId = _model };

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>A call whose arguments are still being written.</summary>
    private sealed class OpenCall(string id, string name, string? given)
    {
        public StringBuilder Written { get; } = new();

        public FunctionCallContent Read() => ToolArguments.Read(id, name, Written.Length > 0 ? Written.ToString() : given ?? "");
    }
}
