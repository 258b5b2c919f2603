using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Tools.Scheduling;

/// <summary><c>schedule_task</c>.</summary>
internal sealed class ScheduleTaskTool(Func<IJobDesk> desk, TimeProvider time) : TypedTool<ScheduleTaskArguments>(
    "schedule_task",
    "Has something done later, once or again and again: when it is time you are told the prompt and act on it. Answers how the time was understood; check that it is what was meant. To wait a little within this conversation use wait.",
    SchedulingJson.Default.ScheduleTaskArguments)
{
    // Again, it finds the job that the first call made.
    public override ToolTraits Traits => ToolTraits.Idempotent;

    protected override async Task<ToolResult> CallAsync(ScheduleTaskArguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var (added, recurs) = await DeskCalls.ToldAsync(
            async () =>
            {
                if (arguments.JobId is { } id && JobIds.Problem(id) is { } problem)
                {
                    throw new ToolException($"job_id: {problem}");
                }

                var schedule = JobSchedule.Parse(arguments.When, arguments.Timezone);
                var draft = new JobDraft(arguments.Prompt, schedule.Text) { Timezone = schedule.Timezone, Id = arguments.JobId, SessionId = Session(arguments, schedule, call) };
                return (await desk().AddAsync(draft, cancellationToken), schedule.Recurs);
            },
            time);
        var job = added.Job;
        var understood = $"'{job.Schedule}' in {job.Timezone}, {(recurs ? "again and again" : "once")}, {JobWords.Place(job, call.ThreadId)}; {JobWords.State(job)}.";
        return new ToolResult(added.Existed
            ? $"Nothing was added: the very same job is there already, as '{job.Id}': {understood}"
            : $"Scheduled as '{job.Id}': {understood}");
    }

    /// <summary>A subagent's own conversation ends with its report: nothing can come back to it.</summary>
    private static string? Session(ScheduleTaskArguments arguments, JobSchedule schedule, ToolCall call) =>
        call.Depth == 0 ? arguments.InThisConversation ?? !schedule.Recurs ? call.ThreadId : null
        : arguments.InThisConversation != true ? null
        : throw new ToolException("A subagent's conversation ends with its report, so nothing can come back to it. Leave in_this_conversation out, and say in the prompt all that is needed.");
}
