using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>What a step holds, as JSON: fields that don't apply are left out, unknown ones are skipped.</summary>
/// <param name="Text">What was said; of a note, what happened.</param>
/// <param name="Model">Of an answer: who gave it.</param>
/// <param name="FinishReason">Of an answer.</param>
/// <param name="Reasoning">Of an answer: what the model thought aloud, which is no part of it.</param>
/// <param name="Code">Of a note: stable, snake_case.</param>
public sealed record StepContent(string Text, string? Model = null, string? FinishReason = null, string? Reasoning = null, string? Code = null)
{
    public static StepContent Parse(string json) => JsonSerializer.Deserialize(json, TurnJson.Default.StepContent)!;

    internal NewStep ToStep(StepKind kind) => new(kind, JsonSerializer.Serialize(this, TurnJson.Default.StepContent));

    /// <summary>
    /// The thread as the model is told it: what was said, nothing of notes. A turn that failed leaves its question without an
    /// answer, which every provider takes: the user spoke twice.
    /// </summary>
    internal static List<ChatMessage> ToMessages(string? instructions, IReadOnlyList<Step> steps)
    {
        var messages = new List<ChatMessage>(steps.Count + 1);
        if (!string.IsNullOrWhiteSpace(instructions))
        {
            messages.Add(new ChatMessage(ChatRole.System, instructions));
        }

        foreach (var step in steps)
        {
            if (step.Kind is StepKind.User or StepKind.Assistant)
            {
                messages.Add(new ChatMessage(step.Kind == StepKind.User ? ChatRole.User : ChatRole.Assistant, Parse(step.Content).Text));
            }
        }

        return messages;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StepContent))]
internal sealed partial class TurnJson : JsonSerializerContext;
