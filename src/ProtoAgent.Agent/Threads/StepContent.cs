using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Threads;

/// <summary>What a step holds, as JSON: fields that don't apply are left out, unknown ones are skipped.</summary>
/// <param name="Text">What was said; of a note, what happened; of a call's result, all of it that is kept here.</param>
public sealed record StepContent(string Text)
{
    /// <summary>Of what the user said: what was shown beside it. Null for nothing.</summary>
    public IReadOnlyList<Attachment>? Attachments { get; init; }

    /// <summary>Of an answer: who gave it.</summary>
    public string? Model { get; init; }

    /// <summary>Of an answer: <c>stop</c>, <c>length</c>, <c>content_filter</c> or <c>tool_calls</c>.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Of an answer: what the model thought aloud, which is no part of it.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Of an answer: thoughts the provider signed and wants back within the turn.</summary>
    public IReadOnlyList<SignedThought>? Thoughts { get; init; }

    /// <summary>Of an answer: what it cost; null where the model did not say.</summary>
    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    /// <summary>Null where the model has no price, or did not say what it took.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>Of a note: stable, snake_case.</summary>
    public string? Code { get; init; }

    /// <summary>Of a call, its start and its result: unique within the turn.</summary>
    public string? CallId { get; init; }

    /// <summary>Of a call and its result.</summary>
    public string? Tool { get; init; }

    /// <summary>Of a call and its result: a tool of whoever asked, who makes it; its result comes with a later turn.</summary>
    public bool? Caller { get; init; }

    /// <summary>Of a call: JSON as the model gave it, which may not parse.</summary>
    public string? Arguments { get; init; }

    /// <summary>Of a result: <c>ok</c>, <c>error</c>, <c>denied</c> or <c>unknown</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Of a result: it comes from outside and is shown to the model as data.</summary>
    public bool? External { get; init; }

    /// <summary>Of a result: what we tell the model beside it.</summary>
    public string? Hint { get; init; }

    public static StepContent Parse(string json) => JsonSerializer.Deserialize(json, ThreadJson.Default.StepContent)!;

    internal string ToJson() => JsonSerializer.Serialize(this, ThreadJson.Default.StepContent);

    internal NewStep ToStep(StepKind kind, long? through = null) => new(kind, ToJson(), through);
}

/// <param name="Data">Opaque, the provider's.</param>
public sealed record SignedThought(string Text, string Data);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StepContent))]
internal sealed partial class ThreadJson : JsonSerializerContext;
