using System.Text.Json;

namespace ProtoAgent.Protocols.OpenAI.Responses;

/// <summary>The body of <c>POST /v1/responses</c>: what is taken, and what must be refused by name. Other fields are skipped.</summary>
/// <param name="Input">Text, or an array of items.</param>
/// <param name="Conversation">The session's id, or an object with it.</param>
internal sealed record ResponseRequest(
    string? Model,
    JsonElement? Input,
    string? Instructions,
    string? PreviousResponseId,
    JsonElement? Conversation,
    bool? Stream,
    bool? Background,
    bool? Store,
    IReadOnlyDictionary<string, string>? Metadata,
    float? Temperature,
    float? TopP,
    int? MaxOutputTokens,
    int? MaxToolCalls,
    JsonElement? Tools,
    JsonElement? ToolChoice,
    bool? ParallelToolCalls,
    ResponseTextField? Text,
    ResponseReasoningField? Reasoning,
    JsonElement? Prompt,
    string? Truncation,
    int? TopLogprobs,
    string? ServiceTier,
    bool? Incognito);

internal sealed record ResponseTextField(JsonElement? Format, string? Verbosity);

internal sealed record ResponseReasoningField(string? Effort);
