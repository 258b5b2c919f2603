using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Threads;

namespace ProtoAgent.Agent.Commands;

/// <summary>Something a person asks for with <c>/name …</c>: answered without a model, or told to it.</summary>
/// <param name="Name">Without the slash.</param>
/// <param name="Kind"><c>builtin</c>, <c>workflow</c>, <c>subagent</c> or <c>skill</c>; of two with one name the kind decides, in this order.</param>
public sealed record SlashCommand(string Name, string Description, string Kind)
{
    internal SlashCommand(string name, string description, string kind, Func<CommandContext, Task<IReadOnlyList<AIContent>>> answer)
        : this(name, description, kind) => Answer = answer;

    /// <summary>
    /// What to answer, or what to call: asked again once the call has its result. Nothing: the model goes on, and knows of the
    /// call; the command is not asked again in this turn.
    /// </summary>
    internal Func<CommandContext, Task<IReadOnlyList<AIContent>>> Answer { get; } = _ => Task.FromResult<IReadOnlyList<AIContent>>([]);
}

/// <param name="Message">All of it, slash and name included.</param>
/// <param name="LastResult">Of the call the command made, once it has one.</param>
/// <param name="SummariseAsync">Lets a summary stand for older turns; how many steps it stands for.</param>
internal sealed record CommandContext(string Message, StepContent? LastResult, Func<Task<int>> SummariseAsync)
{
    /// <summary>What stands behind the name.</summary>
    public string Rest => Message.TrimStart().IndexOfAny([' ', '\n', '\t']) is var end and >= 0 ? Message.TrimStart()[end..].Trim() : "";
}
