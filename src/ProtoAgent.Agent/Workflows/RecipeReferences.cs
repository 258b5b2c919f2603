using System.Text.Json;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Agent.Workflows;

/// <summary>What a recipe names outside itself: subagents and tools, as they are here and now.</summary>
internal sealed class RecipeReferences(ToolCatalog tools, IReadOnlyList<SubagentOptions> subagents)
{
    public IReadOnlyList<RecipeProblem> Check(Recipe recipe)
    {
        var problems = new List<RecipeProblem>();
        var (offered, all) = (tools.Offered(), tools.All());
        foreach (var step in recipe.Steps)
        {
            if (step.Subagent is { } name && subagents.All(s => s.Name != name))
            {
                problems.Add(new RecipeProblem(step.Line, $"The step '{step.Id}' names the subagent '{name}', which is not configured. {There(subagents.Select(s => s.Name), "subagents.*")} Without 'subagent' the agent does the step itself."));
            }

            if (step.Tool is { } tool)
            {
                CheckTool(step, tool, offered, problems);
            }

            // A pattern may match nothing: it is for what comes and goes.
            foreach (var listed in (step.Tools ?? []).Where(l => !l.EndsWith('*') && all.All(t => t.Name != l)))
            {
                problems.Add(new RecipeProblem(step.Line, $"The step '{step.Id}' is to have the tool '{listed}', which is not there. {There(offered.Keys, "tools.enable")}"));
            }
        }

        return problems;
    }

    private static void CheckTool(RecipeStep step, string name, IReadOnlyDictionary<string, Tool> offered, List<RecipeProblem> problems)
    {
        if (!offered.TryGetValue(name, out var tool))
        {
            problems.Add(new RecipeProblem(step.Line, $"The step '{step.Id}' calls the tool '{name}', which is not offered here. {There(offered.Keys, "tools.enable")}"));
        }
        else if (tool.Traits.HasFlag(ToolTraits.SendsSubagents))
        {
            problems.Add(new RecipeProblem(step.Line, $"The step '{step.Id}' calls '{name}', which begins work of its own. Name a 'subagent', or write its steps here."));
        }
        else
        {
            var given = (step.Arguments as ArgumentValue.Map)?.Items.Select(i => i.Key).ToHashSet(StringComparer.Ordinal) ?? [];
            foreach (var missing in Required(tool.Schema).Where(r => !given.Contains(r)))
            {
                problems.Add(new RecipeProblem(step.Line, $"The step '{step.Id}' calls '{name}' without its argument '{missing}'."));
            }
        }
    }

    private static IEnumerable<string> Required(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array
            ? required.EnumerateArray().Select(r => r.GetString()).OfType<string>() : [];

    private static string There(IEnumerable<string> names, string key)
    {
        var all = string.Join(", ", names);
        return all.Length > 0 ? $"There is: {all}." : $"There is none ({key}).";
    }
}
