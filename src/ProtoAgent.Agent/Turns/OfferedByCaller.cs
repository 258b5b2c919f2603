using System.Text.Json;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Agent.Turns;

/// <summary>A caller's tool among those of the turn: said to the model, never called here.</summary>
internal sealed class OfferedByCaller(CallerTool its) : Tool
{
    private static readonly JsonElement s_anything = JsonElement.Parse("""{"type":"object","properties":{}}""");

    public override string Name => its.Name;

    public override string Description => its.Description ?? "";

    public override JsonElement Schema => its.Schema ?? s_anything;

    public override Task<ToolResult> CallAsync(JsonElement arguments, ToolCall call, CancellationToken cancellationToken) =>
        throw new ToolException($"{Name} is a tool of whoever asked, and is called there.");

    protected override AITool Declare() => its.Strict is { } strict ? new StrictDeclaration(this, strict) : base.Declare();

    /// <summary>What the client of an OpenAI-compatible endpoint looks for.</summary>
    private sealed class StrictDeclaration(Tool tool, bool strict) : AIFunctionDeclaration
    {
        public override string Name => tool.Name;

        public override string Description => tool.Description;

        public override JsonElement JsonSchema => tool.Schema;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?>(StringComparer.Ordinal) { ["strict"] = strict };
    }
}
