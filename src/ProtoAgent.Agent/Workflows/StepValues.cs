using System.Text.Json;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Agent.Workflows;

/// <summary>What stands for the places of a run's texts: its inputs, and the outputs there are by now.</summary>
internal sealed class StepValues(JsonObject inputs, IReadOnlyDictionary<string, WorkflowStep> steps, IReadOnlyDictionary<string, string?> tools)
{
    /// <summary>For a tool, or a person: as it is. A list is JSON; an input without a value is nothing.</summary>
    public string Text(Place place) => place.Step is { } step ? steps[step].Output ?? "" : Text(inputs[place.Input!]);

    /// <summary>For a model: what came from outside is framed as data.</summary>
    public string Framed(Place place) => place.Step is { } step && steps[step] is { External: true, Output: { } output }
        ? Conversation.Shown(new StepContent(output) { Tool = tools.GetValueOrDefault(step), External = true }, output)
        : Text(place);

    /// <summary>For an argument that is nothing but this place: with its own type.</summary>
    public JsonNode? Whole(Place place) => place.Step is not null ? JsonValue.Create(Text(place)) : inputs[place.Input!];

    private static string Text(JsonNode? value) => value is null ? "" : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
}
