using System.ComponentModel;
using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Tools;

/// <summary>A question to the person who runs the agent. The turn waits for the answer, over restarts too.</summary>
public sealed class AskHuman() : TypedTool<AskHuman.Arguments>(
    "ask_human",
    "Asks the person you work for one question and waits for the answer, which may take long. Only for what you can't find out yourself and can't go on without.",
    AskHumanJson.Default.Arguments)
{
    public override ToolTraits Traits => ToolTraits.AsksPerson;

    protected override Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A question is answered by a person, never called.");

    public sealed record Arguments([property: Description("The question, with what the person needs to answer it.")] string Question);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AskHuman.Arguments))]
internal sealed partial class AskHumanJson : JsonSerializerContext;
