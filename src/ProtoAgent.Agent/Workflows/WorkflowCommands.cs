using System.Text.Json;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Commands;

namespace ProtoAgent.Agent.Workflows;

/// <summary><c>/name key=value …</c> for each workflow that can be read: calls <c>run_workflow</c> as the model would, and answers with what comes back.</summary>
public sealed class WorkflowCommands(RecipeBook book) : ICommandSource
{
    public IReadOnlyList<SlashCommand> Commands => [.. Recipes().Select(Command)];

    /// <summary>None where the folder can't be read: a message is no place to say so.</summary>
    private IEnumerable<Recipe> Recipes()
    {
        try
        {
            return book.All().Select(e => e.Recipe).OfType<Recipe>();
        }
        catch (WorkflowException)
        {
            return [];
        }
    }

    private static SlashCommand Command(Recipe recipe) => new(
        recipe.Name,
        recipe.Description,
        "workflow",
        asked => Task.FromResult<IReadOnlyList<AIContent>>([asked.LastResult is { } result ? new TextContent(result.Text) : Call(recipe, asked.Rest)]));

    private static AIContent Call(Recipe recipe, string rest)
    {
        var inputs = InputValues.FromText(recipe, rest);
        try
        {
            InputValues.Bind(recipe, inputs);
        }
        catch (WorkflowException e)
        {
            return new TextContent($"{e.Message} Say it as /{recipe.Name} {string.Join(' ', recipe.Inputs.Where(i => i.Required).Select(i => $"{i.Name}=…"))}");
        }

        return new FunctionCallContent("", RunWorkflowTool.ToolName, new Dictionary<string, object?>
        {
            ["name"] = recipe.Name, ["inputs"] = JsonElement.Parse(inputs.ToJsonString()),
        });
    }
}
