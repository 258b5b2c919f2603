using System.Text.Json;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Agent.Commands;

/// <summary>The slash commands there are now. A message that begins with a slash and names none of them is the model's to read.</summary>
public sealed class SlashCommands
{
    /// <summary>Of two commands with one name the earlier kind's is meant.</summary>
    private static readonly string[] s_precedence = ["builtin", "workflow", "subagent", "skill"];

    private readonly ToolCatalog _tools;
    private readonly IReadOnlyList<ICommandSource> _sources;
    private readonly IReadOnlyList<SlashCommand> _fixed;

    /// <param name="sources">Of commands that come and go. Of two commands of one kind and name the first source's is meant.</param>
    public SlashCommands(ToolCatalog tools, IReadOnlyList<SubagentOptions> subagents, IReadOnlyList<ICommandSource> sources)
    {
        _tools = tools;
        _sources = sources;
        _fixed =
        [
            Builtin("help", "What can be asked for with a slash.", _ => HelpAsync()),
            Builtin("tools", "The tools the agent may call, and which of them wait for approval.", _ => Task.FromResult(Tools())),
            Builtin("compact", "Lets a summary stand for what was said before; the conversation itself stays.", CompactAsync),
            .. subagents.Select(Subagent),
        ];
    }

    /// <summary>Those there are by now, each name once.</summary>
    public async Task<IReadOnlyList<SlashCommand>> AllAsync(CancellationToken cancellationToken)
    {
        foreach (var source in _sources)
        {
            await source.SettledAsync(cancellationToken);
        }

        return [.. _fixed.Concat(_sources.SelectMany(s => s.Commands)).OrderBy(c => Array.IndexOf(s_precedence, c.Kind)).DistinctBy(c => c.Name, StringComparer.Ordinal)];
    }

    /// <summary>The one a message asks for; null if it is for the model.</summary>
    public async Task<SlashCommand?> FindAsync(string message, CancellationToken cancellationToken) =>
        NameIn(message) is { } name ? (await AllAsync(cancellationToken)).FirstOrDefault(c => c.Name == name) : null;

    private static string? NameIn(string message)
    {
        var text = message.AsSpan().Trim();
        if (text.Length < 2 || text[0] != '/')
        {
            return null;
        }

        var end = text.IndexOfAny(' ', '\n', '\t');
        return (end < 0 ? text[1..] : text[1..end]).ToString();
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

    private async Task<string> HelpAsync() => string.Join('\n', (await AllAsync(CancellationToken.None)).Select(c => $"/{c.Name} – {c.Description}"));

    private string Tools()
    {
        var offered = _tools.Offered().Values.Select(t => $"{t.Name}{(_tools.NeedsApproval(t) ? " (waits for approval)" : "")} – {First(t.Description)}").ToList();
        return offered.Count > 0 ? string.Join('\n', offered) : "There are no tools.";
    }

    private static string First(string text) => text.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end ? text[..(end + 1)] : text;
}
