using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Tools.Knowledge;

/// <summary><c>memory_list</c>.</summary>
internal sealed class MemoryListTool(KnowledgeService knowledge) : TypedTool<ListArguments>(
    "memory_list", "Lists what is known, the newest first, one a line as memory_recall does. To find something, memory_recall is better.", KnowledgeToolJson.Default.ListArguments)
{
    private const int Most = 200;
    private const int LongestLine = 200;

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.External | ToolTraits.Remembers;

    protected override Task<ToolResult> CallAsync(ListArguments arguments, ToolCall call, CancellationToken cancellationToken) => KnowledgeTools.TellAsync(async () =>
    {
        var limit = Files.Limits.Check("limit", arguments.Limit, 50, Most);
        var page = await (await knowledge.StoreAsync()).ListAsync(new ChunkFilter(Domain: arguments.Domain), withInvalid: false, limit, cancellationToken: cancellationToken);
        return page.Items.Count == 0
            ? "Nothing is known yet."
            : string.Join('\n', page.Items.Select(c => KnowledgeTools.Line(c, LongestLine))) + (page.Next is null ? "" : "\n(There is more.)");
    });
}
