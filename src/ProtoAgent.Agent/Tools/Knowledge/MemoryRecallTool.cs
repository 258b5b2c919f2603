using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Tools.Knowledge;

/// <summary><c>memory_recall</c>. What it answers was written by whoever wrote it: shown as data, each line with where it is from.</summary>
internal sealed class MemoryRecallTool(KnowledgeService knowledge) : TypedTool<RecallArguments>(
    RecallName,
    "Looks up what is known: notes kept in earlier conversations, and the pages and documents taken in. Answers the best matches, one a line, with number, "
    + "domain, how far it is to be trusted (operator, agent or external), date and source; or 'No matches.'",
    KnowledgeToolJson.Default.RecallArguments)
{
    public const string RecallName = "memory_recall";

    /// <summary>What it answers when there is nothing.</summary>
    public const string Nothing = "No matches.";

    private const int Most = 20;
    private const int LongestLine = 1_000;

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.External | ToolTraits.Remembers;

    protected override Task<ToolResult> CallAsync(RecallArguments arguments, ToolCall call, CancellationToken cancellationToken) => KnowledgeTools.TellAsync(async () =>
    {
        var k = Files.Limits.Check("k", arguments.K, 5, Most);
        var hits = await knowledge.SearchAsync(arguments.Query, k, new ChunkFilter(Domain: arguments.Domain), cancellationToken);
        return hits.Count == 0 ? Nothing : string.Join('\n', hits.Select(h => KnowledgeTools.Line(h.Chunk, LongestLine)));
    });
}
