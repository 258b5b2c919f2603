using System.Globalization;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>What is said of a schedule that another process owns: the same words in the log, the status, the API and on the command line.</summary>
internal static class Interlock
{
    public const string Remedy = "Everything else serves. This process takes the schedule over when its owner is gone.";

    public const string Refused = "scheduler.exclusive is set, so this instance does not start without its schedule. Nothing was written.";

    /// <summary>The first three lines are the words users know from the field; the fourth names who it is.</summary>
    public static string Message(string jobs, LockHolder? holder) =>
        $"""
        [scheduler] jobs.db at {jobs} is already owned by another live instance —
        not starting the scheduler. Run each instance with a distinct
        PROTOAGENT_INSTANCE (or agent name) so they don't share a jobs.db.
        Its owner is {Describe(holder)}.
        """;

    public static string ChangeThere(LockHolder? holder) => holder?.Port is { } port ? $"Change jobs there, on port {port}." : "Change jobs there.";

    private static string Describe(LockHolder? holder) => holder is null
        ? "not known: it left no readable note beside the lock"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"instance {holder.Instance ?? "(unscoped)"} (agent {holder.AgentName}), pid {holder.Pid} on {holder.HostName}, {(holder.Port is { } port ? $"port {port}" : "no port")}, since {holder.StartedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");
}
