using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProtoAgent.Protocols.OpenAI.Responses;

/// <summary>A response: a turn in the words of OpenAI's Responses API.</summary>
/// <param name="Status"><c>in_progress</c>, <c>completed</c>, <c>incomplete</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="SessionId">The thread it is on; ours.</param>
internal sealed record ResponseObject(
    string Id,
    string Object,
    long CreatedAt,
    string Status,
    bool Background,
    ResponseError? Error,
    IncompleteDetails? IncompleteDetails,
    string? Instructions,
    int? MaxOutputTokens,
    string Model,
    IReadOnlyList<ResponseItem> Output,
    bool ParallelToolCalls,
    string? PreviousResponseId,
    ResponseReasoning Reasoning,
    bool Store,
    float? Temperature,
    ResponseText Text,
    JsonElement ToolChoice,
    IReadOnlyList<ResponseTool> Tools,
    float? TopP,
    string Truncation,
    ResponseUsage? Usage,
    IReadOnlyDictionary<string, string> Metadata,
    string SessionId);

internal sealed record ResponseError(string Code, string Message);

/// <param name="Reason"><c>max_output_tokens</c>, <c>content_filter</c>, or <c>turn_waiting</c> while it waits for a person.</param>
internal sealed record IncompleteDetails(string Reason);

internal sealed record ResponseReasoning(string? Effort, string? Summary = null);

internal sealed record ResponseText(ResponseFormat Format);

internal sealed record ResponseFormat(string Type)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Schema { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Strict { get; init; }
}

internal sealed record ResponseTool(string Type, string Name, string? Description, JsonElement? Parameters, bool? Strict);

internal sealed record ResponseUsage(long InputTokens, InputTokensDetails InputTokensDetails, long OutputTokens, OutputTokensDetails OutputTokensDetails, long TotalTokens);

internal sealed record InputTokensDetails(long CachedTokens);

internal sealed record OutputTokensDetails(long ReasoningTokens);

internal sealed record DeletedResponse(string Id, string Object, bool Deleted);

internal sealed record ItemList(string Object, IReadOnlyList<ResponseItem> Data, string? FirstId, string? LastId, bool HasMore);
