using ProtoAgent.Agent.Scheduling;

namespace ProtoAgent.Agent.Tools.Scheduling;

/// <summary>The tools with which the agent sees to it that something is done later.</summary>
/// <param name="desk">Asked late: the schedule needs the turns, and they the tools, before it is.</param>
public sealed class SchedulingTools(Func<IJobDesk> desk, TimeProvider time) : IToolSource
{
    public IReadOnlyList<Tool> Tools { get; } =
        [new ScheduleTaskTool(desk, time), new ListSchedulesTool(desk, time), new CancelScheduleTool(desk, time), new WaitTool(desk, time)];
}
