using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Skills;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>Skills a person can call, as prompts: under the name of their slash command, saying what the skill says.</summary>
internal sealed class McpPrompts(SkillCatalog skills)
{
    private const string Argument = "task";

    public async ValueTask<ListPromptsResult> ListAsync(RequestContext<ListPromptsRequestParams> request, CancellationToken cancelled)
    {
        var (page, next) = Paging.Of((await skills.CurrentAsync(cancelled)).Commands, s => s.Slash!, request.Params?.Cursor);
        return new ListPromptsResult { Prompts = [.. page.Select(Of)], NextCursor = next };
    }

    public async ValueTask<GetPromptResult> GetAsync(RequestContext<GetPromptRequestParams> request, CancellationToken cancelled)
    {
        var set = await skills.CurrentAsync(cancelled);
        var skill = set.Commands.FirstOrDefault(s => s.Slash == request.Params.Name)
            ?? throw new McpProtocolException($"There is no prompt '{request.Params.Name}'. prompts/list names those there are.", McpErrorCode.InvalidParams);
        string body;
        try
        {
            body = SkillDocument.Parse(SkillContent.Text(skills, skill)).Body.Trim();
        }
        catch (Exception e) when (e is SkillException or SkillFormatException)
        {
            throw new McpProtocolException($"The skill '{skill.Name}' was changed a moment ago and can't be read any more: {e.Message}", e, McpErrorCode.InternalError);
        }

        await skills.UsedAsync(skill.Name);
        var task = request.Params.Arguments is { } given && given.TryGetValue(Argument, out var value) ? value.ToString().Trim() : "";
        return new GetPromptResult
        {
            Description = skill.Description,
            Messages = [new PromptMessage { Role = Role.User, Content = new TextContentBlock { Text = task.Length > 0 ? $"{body}\n\n{task}" : body } }],
        };
    }

    private static Prompt Of(Skill skill) => new()
    {
        Name = skill.Slash!,
        Title = skill.Name,
        Description = skill.Description,
        Arguments = [new PromptArgument { Name = Argument, Title = "Task", Description = "What to do with it; stands behind the skill's text.", Required = false }],
    };
}
