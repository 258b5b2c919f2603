using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Agent.Workflows;

/// <summary>What workflows stand on.</summary>
/// <param name="Store">Opened when it is first needed: an instance that runs no workflows has no file of runs, and its start waits for none.</param>
/// <param name="Turns">Asked late: the runner needs the tools before it is, and a tool runs workflows.</param>
/// <param name="Runner">This process as the box registry names it.</param>
/// <param name="IsLive">Whether the process of that name lives.</param>
public sealed record WorkflowServices(
    LateStore<WorkflowRunStore> Store,
    RecipeBook Book,
    Func<TurnRunner> Turns,
    ICheckpointStore Checkpoints,
    EventBus Events,
    string Runner,
    Func<string, bool> IsLive,
    TimeProvider Time,
    ILogger<WorkflowRunner> Logger)
{
    public WorkflowOptions Options { get; init; } = new();

    /// <summary>Writes down what people decide.</summary>
    public TurnRecorder Recorder { get; init; } = new(audit: null, telemetry: null, NullLogger<TurnRecorder>.Instance);

    /// <summary>Null when there is no file: then there are no runs, and none is made for a question.</summary>
    /// <exception cref="StoreException">It can't be opened.</exception>
    public async ValueTask<WorkflowRunStore?> StoreIfThereAsync() => Store.IsThere ? await Store.GetAsync() : null;
}

/// <summary>The bounds of workflows.</summary>
public sealed record WorkflowOptions
{
    /// <summary>Steps that run at once in this process, of all runs. 1 to 64.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>Runs that ended are forgotten after so long; null keeps them.</summary>
    public TimeSpan? Retention { get; init; } = TimeSpan.FromDays(30);
}
