using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Composition;

/// <summary>Workflows of an instance. An instance whose file of runs is in trouble still serves.</summary>
internal sealed partial class WorkflowParts : IAsyncDisposable
{
    private readonly LateStore<WorkflowRunStore> _store;
    private readonly ILogger<WorkflowRunner> _log;
    private Task _goingOn = Task.CompletedTask;

    /// <param name="turns">Asked late: the runner needs the tools before it is.</param>
    public WorkflowParts(
        InstanceConfiguration configuration, CheckpointStore checkpoints, RunningInstance instance, Func<TurnRunner> turns, TurnRecorder recorder, EventBus events, TimeProvider time, ILoggerFactory loggers)
    {
        var paths = configuration.Paths;
        _log = loggers.CreateLogger<WorkflowRunner>();
        _store = new LateStore<WorkflowRunStore>("workflow_runs", paths.WorkflowRuns, () => WorkflowRunStore.OpenAsync(paths, time, loggers.CreateLogger<WorkflowRunStore>()), s => s.Problem);
        var book = new RecipeBook(paths.Workflows);
        Runner = new WorkflowRunner(new WorkflowServices(_store, book, turns, checkpoints, events, instance.Record.ProcessId, instance.Registry.IsLive, time, _log)
        {
            Options = configuration.Settings.Workflows, Recorder = recorder,
        });
        Tools = [new RunWorkflowTool(() => Runner), new SaveWorkflowTool(() => Runner)];
        Commands = new WorkflowCommands(book);
    }

    public WorkflowRunner Runner { get; }

    public IReadOnlyList<Tool> Tools { get; }

    public WorkflowCommands Commands { get; }

    /// <summary>Goes on with what was left, once the doors are open.</summary>
    public void Start() => _goingOn = Task.Run(async () =>
    {
        try
        {
            await Runner.GoOnAsync();
        }
        catch (StoreException e)
        {
            LogNotGoneOn(_log, e.Message);
        }
    });

    public IEnumerable<StandingWarning> Warnings() => _store.Problem is { } problem
        ? [new StandingWarning(problem.Code, problem.Message, "Workflows can't be run, and runs that were left are not gone on with, until then; the rest serves.")]
        : [];

    public async ValueTask DisposeAsync()
    {
        Runner.Stop();
        await _goingOn;
        await Runner.DisposeAsync();
    }

    [LoggerMessage(EventName = "workflows_not_gone_on", Level = LogLevel.Error, Message = "runs of workflows that were left are not gone on with: {Reason}")]
    private static partial void LogNotGoneOn(ILogger log, string reason);
}
