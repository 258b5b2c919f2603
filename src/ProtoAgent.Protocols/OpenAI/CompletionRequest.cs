using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>The body of <c>POST /v1/chat/completions</c>: what is taken, and what must be refused by name. Other fields are skipped.</summary>
internal sealed record CompletionRequest(
    string? Model,
    IReadOnlyList<CompletionMessage>? Messages,
    bool? Stream,
    StreamOptions? StreamOptions,
    string? User,
    float? Temperature,
    float? TopP,
    int? MaxTokens,
    int? MaxCompletionTokens,
    JsonElement? Stop,
    int? N,
    JsonElement? Tools,
    JsonElement? ToolChoice,
    bool? ParallelToolCalls,
    JsonElement? Functions,
    JsonElement? FunctionCall,
    JsonElement? Audio,
    IReadOnlyList<string>? Modalities,
    JsonElement? ResponseFormat,
    JsonElement? WebSearchOptions,
    JsonElement? LogitBias,
    bool? Logprobs,
    int? TopLogprobs,
    long? Seed,
    float? FrequencyPenalty,
    float? PresencePenalty,
    string? ReasoningEffort,
    string? Verbosity,
    string? ServiceTier,
    bool? Incognito);

internal sealed record StreamOptions(bool? IncludeUsage);

/// <param name="Content">Text, or an array of parts.</param>
/// <param name="ToolCallId">Of a tool's message: the call it is the result of.</param>
internal sealed record CompletionMessage(string? Role, JsonElement? Content, IReadOnlyList<CompletionCall>? ToolCalls, string? ToolCallId, JsonElement? FunctionCall);

/// <param name="Index">In a streamed answer alone.</param>
internal sealed record CompletionCall(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Index,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Type,
    CalledFunction? Function);

/// <param name="Arguments">JSON as the model gave it.</param>
internal sealed record CalledFunction(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name, string? Arguments);
