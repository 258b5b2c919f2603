using Microsoft.Extensions.Logging;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>
/// The agent's name is part of the schedule's path, so an agent that was renamed would find an empty one. If it is new here and
/// exactly one other agent of the instance left jobs that nobody works, those are its own; anything else is for a person to say.
/// </summary>
internal static partial class RenamedAgent
{
    /// <summary>Before the schedule is opened, by its owner.</summary>
    public static IReadOnlyList<StandingWarning> Adopt(SchedulerServices services)
    {
        var own = services.Paths.Jobs;
        var left = Left(services);
        try
        {
            if (left is not [var only] || JobFile.Count(own) > 0)
            {
                return [.. left.Select(l => Warning(own, l))];
            }

            JobFile.Move(only.File, own);
            LogAdopted(services.Logger, only.Jobs, only.Agent, services.Paths.AgentName.Value);
            return
            [
                new StandingWarning(
                    "jobs_adopted",
                    $"The {only.Jobs} scheduled jobs of the agent '{only.Agent}' are this agent's now: the agent seems to have been renamed to '{services.Paths.AgentName.Value}', and nobody works that schedule any more.",
                    $"If '{only.Agent}' is an agent of its own, stop both, move {own} back to {only.File}, and give each its own PROTOAGENT_INSTANCE."),
            ];
        }
        finally
        {
            left.ForEach(l => l.Lease.Dispose());
        }
    }

    /// <summary>Schedules of other agents of this instance that hold jobs and have no owner; each comes with its lock.</summary>
    private static List<LeftJobs> Left(SchedulerServices services)
    {
        var left = new List<LeftJobs>();
        var agent = Path.GetDirectoryName(services.Paths.Jobs)!;
        foreach (var folder in Directory.EnumerateDirectories(Path.GetDirectoryName(agent)!).Where(f => f != agent).Order(StringComparer.Ordinal))
        {
            var file = Path.Combine(folder, Path.GetFileName(services.Paths.Jobs));
            if (NameRules.Violation(Path.GetFileName(folder)) is not null || !File.Exists(file) || OwnerLock.TryAcquire(file, services.Self, out _) is not { } lease)
            {
                continue;
            }

            if (Jobs(file, services.Logger) is > 0 and var jobs)
            {
                left.Add(new LeftJobs(Path.GetFileName(folder), file, jobs, lease));
            }
            else
            {
                lease.Dispose();
            }
        }

        return left;
    }

    private static long? Jobs(string file, ILogger logger)
    {
        try
        {
            return JobFile.Count(file);
        }
        catch (StoreException e)
        {
            LogUnreadable(logger, file, e.Message);
            return null;
        }
    }

    private static StandingWarning Warning(string own, LeftJobs left) => new(
        "jobs_of_another_name",
        $"{left.File} holds {left.Jobs} scheduled jobs of an agent '{left.Agent}' of this instance, and nobody works them.",
        $"If the agent was renamed, start it as AGENT_NAME={left.Agent} again, or stop it and move that file to {own}, which is this agent's (what is there is replaced). If it is another agent, start it, best with a PROTOAGENT_INSTANCE of its own.");

    [LoggerMessage(EventName = "jobs_adopted", Level = LogLevel.Warning, Message = "{Jobs} jobs of the agent {Before} are those of {Now} from now on: it was renamed")]
    private static partial void LogAdopted(ILogger log, long jobs, string before, string now);

    [LoggerMessage(EventName = "jobs_unreadable", Level = LogLevel.Warning, Message = "{File} of another agent can't be read: {Reason}")]
    private static partial void LogUnreadable(ILogger log, string file, string reason);

    private sealed record LeftJobs(string Agent, string File, long Jobs, OwnerLease Lease);
}
