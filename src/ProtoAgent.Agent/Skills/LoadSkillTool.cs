using System.ComponentModel;
using System.Text;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Agent.Skills;

/// <summary><c>load_skill</c>: what a skill says, or a file beside it.</summary>
/// <param name="offered">The tools there are now, to say which of a skill's are missing.</param>
internal sealed class LoadSkillTool(SkillCatalog catalog, Func<IReadOnlyDictionary<string, Tool>> offered) : TypedTool<LoadSkillTool.Arguments>(
    ToolName,
    "Reads a skill: the procedure for a kind of task. Use it when a skill you were told of fits what is asked, before you begin; then follow it. "
    + "With 'file', reads a file the skill refers to.",
    SkillToolJson.Default.LoadSkill)
{
    public const string ToolName = "load_skill";

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel;

    protected override async Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var set = await catalog.CurrentAsync(cancellationToken);
        try
        {
            var skill = set.Find(arguments.Name.Trim()) ?? throw NotFound(arguments.Name, set);
            if (skill.UserOnly && !call.ByPerson)
            {
                throw new ToolException($"The skill '{skill.Name}' is for the person you work for to call{(skill.Slash is { } slash ? $", with /{slash}" : "")}. Go on without it.");
            }

            if (arguments.File is { Length: > 0 } file)
            {
                return new ToolResult(SkillContent.File(catalog, skill, file));
            }

            var text = Tell(skill);
            if (!call.Incognito)
            {
                await catalog.UsedAsync(skill.Name);
            }

            return new ToolResult(text);
        }
        catch (SkillException e)
        {
            throw new ToolException(e.Message, e);
        }
    }

    /// <summary>Only of those it may load.</summary>
    private static ToolException NotFound(string name, SkillSet set) =>
        new(SkillException.NotFound(name, set.Skills.Where(s => !s.UserOnly)).Message + " list_skills says what they are for.");

    private string Tell(Skill skill)
    {
        var text = new StringBuilder($"The skill '{skill.Name}':\n\n");
        try
        {
            text.Append(SkillDocument.Parse(SkillContent.Text(catalog, skill)).Body);
        }
        catch (SkillFormatException e)
        {
            throw new ToolException($"The skill '{skill.Name}' was changed a moment ago and can't be used any more: {e.Message}. Go on without it, or tell the person you work for.", e);
        }

        var (files, count) = SkillContent.Files(catalog, skill);
        if (count > 0)
        {
            text.Append($"\n\n[Files of this skill, read with {ToolName} and 'file': {string.Join(", ", files)}{(count > files.Count ? $" and {count - files.Count} more" : "")}. They lie in {Path.GetDirectoryName(skill.File)}.]");
        }

        var there = offered();
        var missing = skill.Tools.Where(t => !there.ContainsKey(t)).ToList();
        if (missing.Count > 0)
        {
            text.Append($"\n\n[It works with tools that are not offered here: {string.Join(", ", missing)}. Do without where you can, and say so where you can't.]");
        }

        return text.ToString();
    }

    internal sealed record Arguments
    {
        [Description("The skill's name, as you were told it.")]
        public required string Name { get; init; }

        [Description("A file of the skill, relative to its folder. Leave it out for the procedure itself.")]
        public string? File { get; init; }
    }
}
