using ProtoAgent.Agent.Scheduling;

namespace ProtoAgent.Agent.Tools.Scheduling;

/// <summary><c>cancel_schedule</c>.</summary>
internal sealed class CancelScheduleTool(Func<IJobDesk> desk, TimeProvider time) : TypedTool<CancelScheduleArguments>(
    "cancel_schedule",
    "Takes a scheduled job away, for good, with the record of its runs. What runs at this moment goes on to its end.",
    SchedulingJson.Default.CancelScheduleArguments)
{
    // Again, it finds that the job is gone, which is what was wanted.
    public override ToolTraits Traits => ToolTraits.Idempotent;

    protected override async Task<ToolResult> CallAsync(CancelScheduleArguments arguments, ToolCall call, CancellationToken cancellationToken) =>
        await DeskCalls.ToldAsync(() => desk().DeleteAsync(arguments.JobId, cancellationToken), time)
            ? new ToolResult($"Cancelled '{arguments.JobId}'.")
            : throw new ToolException($"There is no job '{arguments.JobId}', so nothing is left to cancel. list_schedules shows those there are.");
}
