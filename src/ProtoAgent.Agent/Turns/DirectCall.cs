using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Commands;
using ProtoAgent.Agent.Models;

namespace ProtoAgent.Agent.Turns;

/// <summary>
/// One call that is a whole turn: made, allowed, recorded and gone on with as a model's would be, and its result is the answer.
/// </summary>
/// <param name="Arguments">A JSON object.</param>
public sealed record DirectCall(string Tool, string Arguments)
{
    internal SlashCommand ToCommand() => new(
        Tool,
        "A call without a model.",
        "call",
        asked => Task.FromResult<IReadOnlyList<AIContent>>([asked.LastResult is { } result ? new TextContent(result.Text) : ToolArguments.Read("", Tool, Arguments)]));
}
