using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>What the scheduler works with.</summary>
/// <param name="Self">This process: what it writes beside the lock.</param>
/// <param name="Runner">This process as the box registry names it: what a run records.</param>
/// <param name="IsLive">Whether the process of that name lives.</param>
/// <param name="Turns">Asked late: its tools need the schedule before it is.</param>
/// <param name="Record">Writes a line of what was done unasked.</param>
public sealed record SchedulerServices(
    InstancePaths Paths,
    LockHolder Self,
    string Runner,
    Func<string, bool> IsLive,
    Func<TurnRunner> Turns,
    ICheckpointStore Checkpoints,
    Func<NewActivity, CancellationToken, Task> Record,
    EventBus Events,
    TimeProvider Time,
    ILogger Logger)
{
    public SchedulerOptions Options { get; init; } = new();

    /// <summary>Told what the box registry is to show: the state, and when something is due next.</summary>
    public Action<string, DateTimeOffset?> Publish { get; init; } = (_, _) => { };
}
