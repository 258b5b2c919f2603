using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Tools.Knowledge;

/// <summary><c>memory_ingest</c>.</summary>
internal sealed class MemoryIngestTool(KnowledgeService knowledge) : TypedTool<RememberArguments>(
    "memory_ingest",
    "Keeps a fact or a short note for all conversations to come, such as what the user prefers or what was decided. Saying the same again changes "
    + "nothing; a corrected version takes the place of the earlier one. For pages and files use knowledge_ingest.",
    KnowledgeToolJson.Default.RememberArguments)
{
    public override ToolTraits Traits => ToolTraits.Idempotent;

    protected override Task<ToolResult> CallAsync(RememberArguments arguments, ToolCall call, CancellationToken cancellationToken) => KnowledgeTools.TellAsync(async () =>
        await knowledge.AddAsync(new NewChunk(arguments.Content, ChunkTrust.Agent, arguments.Heading ?? "", "", arguments.Domain, $"session:{call.ThreadId}"), cancellationToken) switch
        {
            ChunkAdd.Duplicate same => $"That is known already, as #{same.Chunk.Id}.",
            ChunkAdd.Revised revised => $"Kept as #{revised.Chunk.Id}, in place of #{revised.Earlier.Id}, which said: {KnowledgeTools.Line(revised.Earlier, 300)}",
            var added => $"Kept as #{added.Chunk.Id}.",
        });
}
