using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Composition;

/// <summary>The schedule of an instance: whose it is, and the scheduler that works it.</summary>
internal static class ScheduleParts
{
    /// <summary>This process, as it writes itself beside the lock.</summary>
    public static LockHolder Holder(InstanceRecord instance) =>
        new(instance.Pid, instance.Port, instance.Instance, instance.AgentName, instance.HostName, instance.StartedAt, instance.Version);

    /// <summary>Before anything is written.</summary>
    /// <exception cref="InstanceRefusedException">Another process owns the schedule, and this instance is not to run without it (75).</exception>
    public static void RefuseIfOwned(InstanceConfiguration configuration)
    {
        if (configuration.Settings.Scheduler is { Enabled: true, Exclusive: true } && OwnerLock.IsHeld(configuration.Paths.Jobs))
        {
            throw Scheduler.Refused(configuration.Paths);
        }
    }

    /// <summary>Null where the schedule may be waited for.</summary>
    /// <exception cref="InstanceRefusedException">Another process was faster (75).</exception>
    public static OwnerLease? TakeIfExclusive(InstanceConfiguration configuration, RunningInstance instance) =>
        configuration.Settings.Scheduler is not { Enabled: true, Exclusive: true } ? null
        : OwnerLock.TryAcquire(configuration.Paths.Jobs, Holder(instance.Record), out _) ?? throw Scheduler.Refused(configuration.Paths);

    /// <param name="turns">Asked late: the runner needs the tools, and they need the schedule.</param>
    public static Scheduler Build(
        InstanceConfiguration configuration,
        RunningInstance instance,
        CheckpointStore checkpoints,
        Func<NewActivity, CancellationToken, Task> record,
        EventBus events,
        Func<TurnRunner> turns,
        TimeProvider time,
        ILoggerFactory loggers) =>
        new(new SchedulerServices(
            configuration.Paths,
            Holder(instance.Record),
            instance.Record.ProcessId,
            instance.Registry.IsLive,
            turns,
            checkpoints,
            record,
            events,
            time,
            loggers.CreateLogger<Scheduler>())
        {
            Options = configuration.Settings.Scheduler,
            Publish = (state, next) => instance.Publish(record => record with { Scheduler = state, NextDue = next }),
        });
}
