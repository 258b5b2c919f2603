using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Scheduling;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Jobs;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary><c>schedule_task</c>: something the agent is to do later, once or again and again.</summary>
internal sealed class ScheduleTaskTool(McpServices services) : ServerTool<ScheduleTaskTool.Arguments, ScheduleTaskTool.Answer>(
    new Tool
    {
        Name = "schedule_task",
        Title = "Schedule a task",
        Description = "Has the agent do something later, once or again and again: when it is time it is told the prompt and acts on it. Answers how the time was understood; check that it is what was meant. The very same job is not added twice.",
        Annotations = new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = false, IdempotentHint = true, OpenWorldHint = false },
    },
    McpToolJson.Default.ScheduleArguments,
    McpToolJson.Default.ScheduleAnswer,
    services)
{
    protected override async Task<Answer> CallAsync(Arguments arguments, RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        if (string.IsNullOrWhiteSpace(arguments.Prompt))
        {
            throw new ToolException("The prompt is blank. Say what the agent is to be told when it is time.");
        }

        if (arguments.JobId is { } id && JobIds.Problem(id) is { } problem)
        {
            throw new ToolException($"job_id: {problem}");
        }

        if (arguments.SessionId is { } session)
        {
            TurnRunner.RefuseBadThreadId(session);
        }

        // Not cancelled by a caller that hangs up: half the time the job would be there, half not.
        var (added, recurs) = await DeskCalls.ToldAsync(
            async () =>
            {
                var schedule = JobSchedule.Parse(arguments.When, arguments.Timezone);
                var draft = new JobDraft(arguments.Prompt, schedule.Text) { Timezone = schedule.Timezone, Id = arguments.JobId, SessionId = arguments.SessionId };
                return (await Services.Desk.AddAsync(draft, CancellationToken.None), schedule.Recurs);
            },
            Services.Time);
        return new Answer(JobShape.Of(added.Job), recurs, added.Existed);
    }

    protected override string Text(Answer answer)
    {
        var (job, next) = (answer.Job, answer.Job.NextFire is { } at ? $"; next at {at:yyyy-MM-dd'T'HH:mm:ss'Z'}" : "");
        return $"{(answer.Existed ? "Nothing was added: the very same job is there already, as" : "Scheduled as")} '{job.Id}': '{job.Schedule}' in {job.Timezone}, {(answer.Recurs ? "again and again" : "once")}{next}.";
    }

    public sealed record Arguments(
        [property: Description("What the agent is told when it is time. It must make sense by itself: what to do, for whom, and where to find what it needs.")] string Prompt,
        [property: Description("A cron line ('0 9 * * MON-FRI'), '@daily' and the like, an interval ('every 15m', 'every 1h30m'), or one time with its date ('2027-03-01T09:00', '2027-03-01T09:00:00+01:00').")] string When,
        [property: Description("IANA name such as 'Europe/Berlin': whose clocks a cron line, or a time without an offset, goes by. UTC without it.")] string? Timezone = null,
        [property: Description("A name for the job, of A-Z a-z 0-9 . _ -. Without it, it gets one.")] string? JobId = null,
        [property: Description("The conversation it comes back to. Without it, it runs apart from any.")] string? SessionId = null);

    public sealed record Answer(JobShape Job, bool Recurs, [property: Description("True when the very same job was there already, and nothing was added.")] bool Existed);
}
