using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Fleet;
using ProtoAgent.Configuration;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Composition;

/// <summary>The instances this one supervises: processes of this very program.</summary>
internal static class FleetParts
{
    /// <summary>What Kestrel, the stores and the rest of a member get beyond what its turns do.</summary>
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(5);

    public static FleetSupervisor Build(InstanceConfiguration configuration, RunningInstance instance, EventBus events, TimeProvider time, ILoggerFactory loggers)
    {
        var record = instance.Record;
        var self = new LockHolder(record.Pid, record.Port, record.Instance, record.AgentName, record.HostName, record.StartedAt, record.Version);
        return new FleetSupervisor(
            new FleetHost(configuration.Paths, instance.Registry, self, Environment.ProcessPath!, configuration.MemberEnvironment, configuration.Settings.Server.Shutdown + s_closing),
            events, time, loggers.CreateLogger<FleetSupervisor>());
    }
}
