using System.Text.Json;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Agent.Commands;

/// <summary>The slash commands there are now. A message that begins with a slash and names none of them is the model's to read.</summary>
public sealed class SlashCommands
{
    private readonly ToolCatalog _tools;

    public SlashCommands(ToolCatalog tools, IReadOnlyList<SubagentOptions> subagents)
    {
        _tools = tools;
        All =
        [
            Builtin("help", "What can be asked for with a slash.", _ => Task.FromResult(Help())),
            Builtin("tools", "The tools the agent may call, and which of them wait for approval.", _ => Task.FromResult(Tools())),
            Builtin("compact", "Lets a summary stand for what was said before; the conversation itself stays.", CompactAsync),
            .. subagents.Where(s => s.Name is not ("help" or "tools" or "compact")).Select(Subagent),
        ];
    }

    public IReadOnlyList<SlashCommand> All { get; }

    /// <summary>The one a message asks for; null if it is for the model.</summary>
    public SlashCommand? Find(string message)
    {
        var text = message.AsSpan().Trim();
        if (text.Length < 2 || text[0] != '/')
        {
            return null;
        }

        var end = text.IndexOfAny(' ', '\n', '\t');
        var name = (end < 0 ? text[1..] : text[1..end]).ToString();
        return All.FirstOrDefault(c => c.Name == name);
    }

    private static SlashCommand Builtin(string name, string description, Func<CommandContext, Task<string>> answer) =>
        new(name, description, "builtin", async asked => [new TextContent(await answer(asked))]);

    /// <summary><c>/researcher find …</c> calls <c>task</c> as the model would, and answers with what comes back.</summary>
    private static SlashCommand Subagent(SubagentOptions subagent) => new(
        subagent.Name,
        subagent.Description,
        "subagent",
        asked => Task.FromResult<IReadOnlyList<AIContent>>(
            asked.LastResult is { } result ? [new TextContent(result.Text.Length > 0 ? result.Text : "(It had nothing to say.)")]
            : asked.Rest.Length == 0 ? [new TextContent($"Say what {subagent.Name} is to do: /{subagent.Name} <task>. It is for: {subagent.Description}")]
            : [new FunctionCallContent("", SubagentTools.TaskName, new Dictionary<string, object?> { ["agent"] = subagent.Name, ["prompt"] = asked.Rest })]));

    private static async Task<string> CompactAsync(CommandContext asked) => await asked.SummariseAsync() switch
    {
        0 => "There is nothing older to summarise here.",
        var steps => $"A summary stands for {steps} {(steps == 1 ? "step" : "steps")} from now on. The conversation itself is kept.",
    };

    private string Help() => string.Join('\n', All.Select(c => $"/{c.Name} – {c.Description}"));

    private string Tools()
    {
        var offered = _tools.Offered().Values.Select(t => $"{t.Name}{(_tools.NeedsApproval(t) ? " (waits for approval)" : "")} – {First(t.Description)}").ToList();
        return offered.Count > 0 ? string.Join('\n', offered) : "There are no tools.";
    }

    private static string First(string text) => text.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end ? text[..(end + 1)] : text;
}
