using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Commands;

namespace ProtoAgent.Agent.Skills;

/// <summary>
/// <c>/name …</c> of the skills a person can call: loads the skill as the model would, in the thread where everybody can see it,
/// and lets the model go on with it.
/// </summary>
public sealed class SkillCommands(SkillCatalog catalog) : ICommandSource
{
    private const string Kind = "skill";

    public IReadOnlyList<SlashCommand> Commands => [.. catalog.Known.Commands.Select(s => new SlashCommand(s.Slash!, s.Description, Kind, asked => Task.FromResult(Answer(s, asked))))];

    public async Task SettledAsync(CancellationToken cancellationToken) => await catalog.CurrentAsync(cancellationToken);

    private static IReadOnlyList<AIContent> Answer(Skill skill, CommandContext asked) => asked.LastResult switch
    {
        null => [new FunctionCallContent("", LoadSkillTool.ToolName, new Dictionary<string, object?> { ["name"] = skill.Name })],
        { Status: "ok" } => [],
        var failed => [new TextContent(failed.Text)],
    };
}
