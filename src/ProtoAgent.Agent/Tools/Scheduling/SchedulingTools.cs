using ProtoAgent.Agent.Scheduling;

namespace ProtoAgent.Agent.Tools.Scheduling;

/// <summary>The tools with which the agent sees to it that something is done later.</summary>
public sealed class SchedulingTools(IJobDesk desk, TimeProvider time) : IToolSource
{
    public IReadOnlyList<Tool> Tools { get; } =
        [new ScheduleTaskTool(desk, time), new ListSchedulesTool(desk, time), new CancelScheduleTool(desk, time), new WaitTool(desk, time)];
}
