using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Jobs;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary><c>list_schedules</c>.</summary>
internal sealed class ListSchedulesTool(McpServices services) : ServerTool<ListSchedulesTool.Arguments, ListSchedulesTool.Answer>(
    new Tool
    {
        Name = "list_schedules",
        Title = "List scheduled tasks",
        Description = "Lists the agent's scheduled jobs, those that are paused or have ended too: what, when, and what became of it last.",
        Annotations = new ToolAnnotations { ReadOnlyHint = true, IdempotentHint = true, OpenWorldHint = false },
    },
    McpToolJson.Default.ListArguments,
    McpToolJson.Default.ListAnswer,
    services)
{
    private const int DefaultLimit = 50;

    protected override async Task<Answer> CallAsync(Arguments arguments, RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        var limit = arguments.Limit ?? DefaultLimit;
        if (limit is < 1 or > JobStore.MaxPage)
        {
            throw new ToolException($"limit must be a whole number from 1 to {JobStore.MaxPage}.");
        }

        try
        {
            var page = await Services.Desk.ListAsync(limit, arguments.Cursor, cancelled);
            return new Answer([.. page.Items.Select(JobShape.Of)], page.Next);
        }
        catch (ArgumentException e)
        {
            throw new ToolException("The cursor is not one this list gave as 'next'. Leave it out for the first page.", e);
        }
    }

    public sealed record Arguments(
        [property: Description("How many at most: 1 to 500, 50 if left out.")] int? Limit = null,
        [property: Description("The 'next' of the answer before, for what comes behind it.")] string? Cursor = null);

    public sealed record Answer(IReadOnlyList<JobShape> Jobs, [property: Description("The cursor of the next page; null on the last.")] string? Next);
}
