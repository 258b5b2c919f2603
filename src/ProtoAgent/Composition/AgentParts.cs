using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Fleet;
using ProtoAgent.Agent.Inbox;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Agent.Tools.Scheduling;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Stores.Audit;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Telemetry;

namespace ProtoAgent.Composition;

/// <summary>The agent of an instance: its models, its tools, its records, and the runner of its turns.</summary>
internal sealed class AgentParts : IAsyncDisposable
{
    private readonly InboxParts _inbox;
    private readonly ToolParts _tools;
    private readonly RecordParts _records;
    private readonly Retention? _retention;
    private readonly TurnNews _news;

    private AgentParts(
        InstanceConfiguration configuration, CheckpointStore checkpoints, RecordParts records, RunningInstance instance, TimeProvider time, ILoggerFactory loggers, CancellationToken stopping)
    {
        var (agent, paths) = (configuration.Settings.Agent, configuration.Paths);
        _records = records;
        Models = new ModelCatalog(configuration.Settings.Model, time);
        Events = new EventBus(time);
        _news = new TurnNews(Events);
        _inbox = new InboxParts(configuration, checkpoints, instance.Record, instance.Registry.IsLive, Events, () => Turns!, time, loggers);
        Scheduler = ScheduleParts.Build(configuration, instance, checkpoints, _inbox.Activity.RecordAsync, Events, () => Turns!, time, loggers);
        Workflows = new WorkflowParts(configuration, checkpoints, instance, () => Turns!, records.Recorder, Events, time, loggers);
        Skills = new SkillParts(configuration, () => _tools!.Catalog, Events, time, loggers);
        Knowledge = new KnowledgeParts(configuration, Events, instance, time, loggers);
        Memory = new MemoryParts(configuration, checkpoints, Knowledge.Service, Models, time, loggers);
        Peers = new PeerParts(configuration, instance.Record, Events, time, loggers, stopping);
        A2A = new A2AParts(configuration, checkpoints, () => Turns!, Models, Skills.Catalog, Peers, time, loggers);
        _tools = new ToolParts(configuration, checkpoints, () => Turns!, [.. _inbox.Tools, .. Knowledge.Tools, .. Memory.Tools, .. new SchedulingTools(() => Scheduler.Desk, time).Tools, .. Skills.Tools, .. Workflows.Tools, .. Peers.Tools], Events, time, loggers);
        Turns = new TurnRunner(new TurnServices(checkpoints, Models, instance.Record.ProcessId, time, loggers.CreateLogger<TurnRunner>())
        {
            AgentName = paths.AgentName.Value,
            InstanceId = paths.Identity.Id?.Value,
            Recorder = records.Recorder,
            Options = agent.Turns,
            Context = agent.Context,
            ContextProviders = [new Persona(paths.Leaf("SOUL.md"), paths.AgentName.Value, loggers.CreateLogger<Persona>()), Skills.Context, Memory.Context],
            Tools = _tools.Catalog,
            Subagents = agent.Subagents,
            Commands = [Workflows.Commands, Skills.Commands],
            KeepLongResult = _tools.KeepAsync,
            Ended = Ended,
            Happened = Happened,
            Decided = _news.Decided,
        });
        Fleet = FleetParts.Build(configuration, instance, Events, time, loggers);
        if (agent.ThreadRetention is { } keep)
        {
            _retention = new Retention("threads", keep, checkpoints.DeleteThreadsBeforeAsync, time, loggers.CreateLogger<Retention>());
        }
    }

    public ModelCatalog Models { get; }

    public TurnRunner Turns { get; }

    /// <summary>What happens in the instance.</summary>
    public EventBus Events { get; }

    /// <summary>Turns as they run.</summary>
    public TurnFeed Feed { get; } = new();

    public PeerParts Peers { get; }

    public A2AParts A2A { get; }

    public WorkflowParts Workflows { get; }

    public MemoryParts Memory { get; }

    public McpServers Mcp => _tools.Mcp;

    public Scheduler Scheduler { get; }

    public InboxService Inbox => _inbox.Inbox;

    public ActivityLog Activity => _inbox.Activity;

    public SkillParts Skills { get; }

    public KnowledgeParts Knowledge { get; }

    /// <inheritdoc cref="RecordParts.KnowSecrets"/>
    public void KnowSecrets(IReadOnlyList<string> secrets) => _records.KnowSecrets(secrets);

    public FleetSupervisor Fleet { get; }

    /// <inheritdoc cref="RecordParts.Audit"/>
    public AuditLog? Audit => _records.Audit;

    /// <inheritdoc cref="RecordParts.Telemetry"/>
    public TelemetryStore Telemetry => _records.Telemetry;

    public static async Task<AgentParts> OpenAsync(
        InstanceConfiguration configuration, CheckpointStore checkpoints, RunningInstance instance, TimeProvider time, ILoggerFactory loggers, CancellationToken stopping) =>
        new(configuration, checkpoints, await RecordParts.OpenAsync(configuration, instance.Record, time, loggers), instance, time, loggers, stopping);

    /// <summary>What runs by itself, once the doors are open.</summary>
    /// <param name="lease">The schedule, if it was taken already.</param>
    public void Start(OwnerLease? lease)
    {
        Scheduler.Start(lease);
        _tools.Start();
        Peers.Start();
        A2A.Start();
        _inbox.Start();
        Skills.Start();
        _records.Start();
        Knowledge.Start();
        Memory.Start();
        Workflows.Start();
        _retention?.Start();
        Fleet.Start();
    }

    /// <summary>Standing problems of the agent's parts.</summary>
    public IEnumerable<StandingWarning> Warnings() => Mcp.Warnings().Concat(_records.Warnings()).Concat(_inbox.Warnings()).Concat(Scheduler.Warnings()).Concat(Skills.Warnings()).Concat(Workflows.Warnings()).Concat(Knowledge.Warnings()).Concat(Memory.Warnings()).Concat(Peers.Warnings()).Concat(A2A.Warnings()).Concat(Fleet.Warnings());

    public async ValueTask DisposeAsync()
    {
        if (_retention is not null)
        {
            await _retention.DisposeAsync();
        }

        // Members end beside the turns: each has its own of both.
        var fleet = Fleet.DisposeAsync();
        Scheduler.StopFiring();
        Workflows.Runner.Stop();

        // A start that fails has turns that were gone on with: they end before what they work with does, or are left as they are.
        await Turns.StopAsync(TimeSpan.Zero);
        await Workflows.DisposeAsync();
        await Scheduler.DisposeAsync();
        await _inbox.DisposeAsync();
        Turns.Dispose();
        await _tools.DisposeAsync();
        await A2A.DisposeAsync();
        await Peers.DisposeAsync();
        await Skills.DisposeAsync();
        await Memory.DisposeAsync();
        await Knowledge.DisposeAsync();
        Models.Dispose();
        await _records.DisposeAsync();
        await fleet;
    }

    /// <summary>Told of each turn's end.</summary>
    private void Ended(TurnEnded turn)
    {
        _inbox.TurnEnded(turn);
        Workflows.Runner.TurnEnded(turn);
        Memory.TurnEnded(turn);
        _news.Ended(turn);
        Feed.Ended(turn);
        A2A.Server.Ended(turn);
    }

    /// <summary>Told of each event of each turn.</summary>
    private void Happened(NewTurn turn, TurnEvent happened)
    {
        _news.Happened(turn, happened);
        Feed.Happened(turn, happened);
        A2A.Server.Happened(turn, happened);
    }
}
