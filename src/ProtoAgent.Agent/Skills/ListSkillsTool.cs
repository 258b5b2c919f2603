using System.ComponentModel;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Agent.Skills;

/// <summary><c>list_skills</c>: for when there are more than could be told.</summary>
internal sealed class ListSkillsTool(SkillCatalog catalog) : TypedTool<ListSkillsTool.Arguments>(
    "list_skills", "Lists the skills you can load, with what each is for. With 'query', those whose name or summary has all of its words, or else any.", SkillToolJson.Default.ListSkills)
{
    private const int Most = 100;

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel;

    protected override async Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var all = (await catalog.CurrentAsync(cancellationToken)).Skills.Where(s => !s.UserOnly).ToList();
        var words = (arguments.Query ?? "").Split([' ', ',', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var ranked = all.Select(s => (Skill: s, Hits: words.Count(w => Has(s, w)))).Where(s => words.Length == 0 || s.Hits > 0).ToList();
        var best = ranked.Count > 0 ? ranked.Max(s => s.Hits) : 0;
        var found = (words.Length > 0 && best == words.Length ? ranked.Where(s => s.Hits == best) : ranked.OrderByDescending(s => s.Hits)).Select(s => s.Skill).ToList();
        if (found.Count == 0)
        {
            return new ToolResult(all.Count == 0 ? "There are no skills." : $"No skill has any of these words. There are {all.Count}; call without a query to see them.");
        }

        var lines = found.Take(Most).Select(s => $"- {s.Name}: {s.Description}");
        return new ToolResult(string.Join('\n', lines) + (found.Count > Most ? $"\n+{found.Count - Most} more: narrow it down with a query." : ""));
    }

    private static bool Has(Skill skill, string word) =>
        skill.Name.Contains(word, StringComparison.OrdinalIgnoreCase) || skill.Description.Contains(word, StringComparison.OrdinalIgnoreCase);

    internal sealed record Arguments
    {
        [Description("A few words of what it should be for. Leave it out for all.")]
        public string? Query { get; init; }
    }
}
