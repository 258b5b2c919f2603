using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;

namespace ProtoAgent.Agent.Turns;

/// <summary>How whoever asks wants the model to answer; null leaves each to the model. What a provider does not know it leaves out.</summary>
public sealed record ModelWishes
{
    public long? Seed { get; init; }

    /// <summary>-2 to 2.</summary>
    public float? FrequencyPenalty { get; init; }

    /// <summary>-2 to 2.</summary>
    public float? PresencePenalty { get; init; }

    /// <summary><c>none</c>, <c>low</c>, <c>medium</c>, <c>high</c> or <c>xhigh</c>.</summary>
    public string? Effort { get; init; }

    /// <summary>Several calls in one answer; null leaves it to the model.</summary>
    public bool? ParallelCalls { get; init; }

    /// <summary>Of the caller's tools: null or <c>auto</c>, <c>required</c>, <c>none</c>; or the name of one, which must be called.</summary>
    public string? ToolChoice { get; init; }

    /// <summary>Null for text.</summary>
    public AnswerFormat? Format { get; init; }

    /// <summary>The caller wants a call, and so only its tools are offered: the agent's would be one too.</summary>
    [JsonIgnore]
    internal bool MustCall => ToolChoice is not (null or "auto" or "none");

    internal void Apply(ChatOptions settings, bool hasTools)
    {
        settings.Seed = Seed;
        settings.FrequencyPenalty = FrequencyPenalty;
        settings.PresencePenalty = PresencePenalty;
        settings.AllowMultipleToolCalls = hasTools ? ParallelCalls : null;
        settings.Reasoning = Effort switch
        {
            "none" => new ReasoningOptions { Effort = ReasoningEffort.None },
            "low" => new ReasoningOptions { Effort = ReasoningEffort.Low },
            "medium" => new ReasoningOptions { Effort = ReasoningEffort.Medium },
            "high" => new ReasoningOptions { Effort = ReasoningEffort.High },
            "xhigh" => new ReasoningOptions { Effort = ReasoningEffort.ExtraHigh },
            _ => null,
        };
        if (Format is { } format)
        {
            settings.ResponseFormat = format.ToModel();
            settings.AdditionalProperties = format.Strict is { } strict ? new AdditionalPropertiesDictionary { [AnswerFormat.StrictKey] = strict } : null;
        }
    }
}
