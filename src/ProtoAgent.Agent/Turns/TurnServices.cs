using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Commands;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>What every turn of the instance works with.</summary>
/// <param name="Runner">This process as the box registry names it: what a turn records as its runner.</param>
public sealed record TurnServices(ICheckpointStore Checkpoints, ModelCatalog Models, string Runner, TimeProvider Time, ILogger Logger)
{
    /// <summary>As spans name it.</summary>
    public string AgentName { get; init; } = "protoagent";

    /// <summary>As spans name it; null when unscoped.</summary>
    public string? InstanceId { get; init; }

    /// <summary>Writes down what turns do.</summary>
    public TurnRecorder Recorder { get; init; } = new(audit: null, telemetry: null, NullLogger<TurnRecorder>.Instance);

    /// <summary>Told of each turn that has ended; not of one that waits, nor of one the next start goes on with. Neither waits nor throws.</summary>
    public Action<TurnEnded> Ended { get; init; } = _ => { };

    /// <summary>Told of every event of every turn this process runs, in each turn's order, those of subagents and of turns gone on with too. Neither waits nor throws.</summary>
    public Action<NewTurn, TurnEvent> Happened { get; init; } = (_, _) => { };

    /// <summary>Told of each decision a turn waited for, once. Neither waits nor throws.</summary>
    public Action<Approval> Decided { get; init; } = _ => { };

    public TurnOptions Options { get; init; } = new();

    public ContextOptions Context { get; init; } = new();

    /// <summary>What stands before a conversation.</summary>
    public IReadOnlyList<IContextProvider> ContextProviders { get; init; } = [];

    public ToolCatalog Tools { get; init; } = new(new ToolOptions(), []);

    public IReadOnlyList<SubagentOptions> Subagents { get; init; } = [];

    /// <summary>Slash commands that come and go.</summary>
    public IReadOnlyList<ICommandSource> Commands { get; init; } = [];

    /// <summary>Shortens a result that is longer than the model may read, and keeps it whole somewhere.</summary>
    public Func<string, ToolCall, CancellationToken, ValueTask<string>> KeepLongResult { get; init; } = (text, _, _) => ValueTask.FromResult(text);
}
