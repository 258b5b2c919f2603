using ProtoAgent.Agent.Knowledge;

namespace ProtoAgent.Agent.Tools.Knowledge;

/// <summary><c>memory_stats</c>.</summary>
internal sealed class MemoryStatsTool(KnowledgeService knowledge) : TypedTool<StatsArguments>(
    "memory_stats", "How much is known: chunks in all and by domain, documents, and versions that were superseded.", KnowledgeToolJson.Default.StatsArguments)
{
    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.Remembers;

    protected override Task<ToolResult> CallAsync(StatsArguments arguments, ToolCall call, CancellationToken cancellationToken) => KnowledgeTools.TellAsync(async () =>
    {
        var stats = await (await knowledge.StoreAsync()).StatsAsync(cancellationToken: cancellationToken);
        return string.Join('\n', ((string[])[$"chunks: {stats.Chunks}", .. stats.ByDomain.Select(d => $"  {d.Key}: {d.Value}"), $"documents: {stats.Documents}", $"superseded: {stats.Superseded}"]));
    });
}
