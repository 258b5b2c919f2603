using System.Text.Json;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Tools;

/// <summary>Something the model may call.</summary>
public abstract class Tool
{
    /// <summary>1 to 64 of <c>[a-zA-Z0-9_-]</c>; ours are snake_case.</summary>
    public abstract string Name { get; }

    /// <summary>For the model: what it does, when to use it, what it answers.</summary>
    public abstract string Description { get; }

    /// <summary>JSON schema of the arguments, which are an object.</summary>
    public abstract JsonElement Schema { get; }

    public virtual ToolTraits Traits => ToolTraits.None;

    /// <summary>Whether a person must approve this call, though not every one of the tool.</summary>
    /// <param name="arguments">An object; otherwise as the model gave them.</param>
    public virtual bool NeedsApprovalFor(JsonElement arguments) => false;

    /// <summary>What the model is told of it, in characters.</summary>
    internal int Weight => Name.Length + Description.Length + Schema.GetRawText().Length;

    /// <summary>The tool as a model's client takes it: said, not callable. Made once.</summary>
    internal AITool Declaration => _declaration ??= Declare();

    private AITool? _declaration;

    protected virtual AITool Declare() => AIFunctionFactory.CreateDeclaration(Name, Description, Schema);

    /// <exception cref="ToolException">It could not be done; the model is told the message.</exception>
    public abstract Task<ToolResult> CallAsync(JsonElement arguments, ToolCall call, CancellationToken cancellationToken);
}

/// <summary>What the turn must know of a tool before it calls it.</summary>
[Flags]
public enum ToolTraits
{
    None = 0,

    /// <summary>May be called again with the same <see cref="ToolCall.IdempotencyKey"/> when it is not known whether it came to its end.</summary>
    Idempotent = 1,

    /// <summary>May run beside other calls of the same answer.</summary>
    Parallel = 2,

    /// <summary>A person must approve each call, unless configuration waives it.</summary>
    NeedsApproval = 4,

    /// <summary>Not offered unless configuration enables it by name.</summary>
    OffByDefault = 8,

    /// <summary>What it answers comes from outside: it is shown to the model as data, never as instructions.</summary>
    External = 16,

    /// <summary>It is a question to a person: the turn waits, and the answer is the result. Never called.</summary>
    AsksPerson = 32,

    /// <summary>It sends subagents, and so is not offered to one.</summary>
    SendsSubagents = 64,

    /// <summary>It is about the conversation it is called in, which must go on afterwards: not offered to a subagent, whose conversation ends with its report.</summary>
    ConversationOnly = 128,

    /// <summary>It reads or writes what outlives the conversation of what was said in it: neither offered nor called in an incognito turn.</summary>
    Remembers = 256,

    /// <summary>It is about the task another agent gave: offered in the turn of such a task alone.</summary>
    ForPeers = 512,
}

/// <summary>One call of a tool.</summary>
/// <param name="CallId">Unique within the turn.</param>
/// <param name="Origin">Who asked for the turn: <c>operator</c>, <c>openai</c>, <c>task</c>, …</param>
/// <param name="Depth">0 in a turn somebody asked for, 1 in a subagent's.</param>
public sealed record ToolCall(string ThreadId, string TurnId, string CallId, string Origin, int Depth = 0)
{
    /// <summary>The same for every attempt at this call, and for no other call.</summary>
    public string IdempotencyKey => $"{TurnId}/{CallId}";

    /// <summary>A person made it, by a slash command; else a model.</summary>
    public bool ByPerson { get; init; }

    /// <summary>Nothing may be read from or written to what the agent remembers.</summary>
    public bool Incognito { get; init; }
}

/// <param name="Text">What the model reads.</param>
public sealed record ToolResult(string Text);

/// <summary>The call could not be done. The message goes to the model: it says what is wrong and what to do instead.</summary>
public sealed class ToolException(string message, Exception? inner = null) : Exception(message, inner);
