using System.Text.Json.Serialization;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>A whole answer.</summary>
internal sealed record CompletionAnswer(string Id, string Object, long Created, string Model, IReadOnlyList<CompletionChoice> Choices, CompletionUsage? Usage);

internal sealed record CompletionChoice(int Index, AnswerMessage Message, string FinishReason);

/// <param name="Content">Null where nothing was said beside the calls.</param>
/// <param name="Refusal">Always null: a model that refuses says so in the content.</param>
internal sealed record AnswerMessage(string Role, string? Content, string? Refusal = null)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CompletionCall>? ToolCalls { get; init; }
}

internal sealed record CompletionUsage(long PromptTokens, long CompletionTokens, long TotalTokens);

/// <summary>A piece of a streamed answer. <c>usage</c> is there only if the caller asked for it.</summary>
internal sealed record CompletionChunk(string Id, string Object, long Created, string Model, IReadOnlyList<ChunkChoice> Choices)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CompletionUsage? Usage { get; init; }
}

internal sealed record ChunkChoice(int Index, ChunkDelta Delta, string? FinishReason);

internal sealed record ChunkDelta
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CompletionCall>? ToolCalls { get; init; }
}
