using System.Text.Json;

namespace ProtoAgent.Protocols.OpenAI;

/// <summary>The body of <c>POST /v1/chat/completions</c>: what this version takes, and what it must refuse by name.</summary>
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
    JsonElement? Functions,
    JsonElement? Audio,
    JsonElement? ResponseFormat,
    bool? Logprobs,
    bool? Incognito);

internal sealed record StreamOptions(bool? IncludeUsage);

/// <param name="Content">Text, or an array of parts.</param>
internal sealed record CompletionMessage(string? Role, JsonElement? Content);
