using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Fleet;
using ProtoAgent.Agent.Inbox;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Telemetry;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What the operator API tells of and works on.</summary>
/// <param name="Telemetry">Throws a <c>StoreException</c> when the store could not be opened.</param>
public sealed record OperatorServices(
    RunningInstance Instance,
    ICheckpointStore Checkpoints,
    ModelCatalog Models,
    TurnRunner Turns,
    McpServers Mcp,
    Func<TelemetryStore> Telemetry,
    TimeProvider Time,
    ConfigDoor Configuration)
{
    public required InboxService Inbox { get; init; }

    public required Scheduler Scheduler { get; init; }

    public required ActivityLog Activity { get; init; }

    public required EventBus Events { get; init; }

    public required TurnFeed Feed { get; init; }

    /// <summary>The same as the pipeline takes.</summary>
    public required EventTickets Tickets { get; init; }

    public required SkillServices Skills { get; init; }

    public required WorkflowRunner Workflows { get; init; }

    public required KnowledgeDoor Knowledge { get; init; }

    public required MemoryDoor Memory { get; init; }

    public required FleetSupervisor Fleet { get; init; }
}

/// <param name="Files">Writes what the catalog reads.</param>
public sealed record SkillServices(SkillCatalog Catalog, SkillFiles Files);
