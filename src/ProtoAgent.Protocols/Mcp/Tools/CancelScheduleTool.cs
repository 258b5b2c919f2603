using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Scheduling;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary><c>cancel_schedule</c>.</summary>
internal sealed class CancelScheduleTool(McpServices services) : ServerTool<CancelScheduleTool.Arguments, CancelScheduleTool.Answer>(
    new Tool
    {
        Name = "cancel_schedule",
        Title = "Cancel a scheduled task",
        Description = "Takes a scheduled job away, for good, with the record of its runs. What runs at this moment goes on to its end.",
        Annotations = new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = true, IdempotentHint = true, OpenWorldHint = false },
    },
    McpToolJson.Default.CancelArguments,
    McpToolJson.Default.CancelAnswer,
    services)
{
    protected override async Task<Answer> CallAsync(Arguments arguments, RequestContext<CallToolRequestParams> request, CancellationToken cancelled) =>
        await DeskCalls.ToldAsync(() => Services.Desk.DeleteAsync(arguments.JobId, CancellationToken.None), Services.Time)
            ? new Answer(arguments.JobId, Cancelled: true)
            : throw new ToolException($"There is no job '{arguments.JobId}', so nothing is left to cancel. list_schedules shows those there are.");

    protected override string Text(Answer answer) => $"Cancelled '{answer.JobId}'.";

    public sealed record Arguments([property: Description("The job's id, as list_schedules shows it.")] string JobId);

    public sealed record Answer(string JobId, bool Cancelled);
}
