using System.Text.Json;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Tools.Knowledge;

/// <summary><c>memory_ingest</c>.</summary>
/// <param name="hotConfirm">A person must approve what is to stand before every conversation.</param>
internal sealed class MemoryIngestTool(KnowledgeService knowledge, bool hotConfirm) : TypedTool<RememberArguments>(
    "memory_ingest",
    "Keeps a fact or a short note for all conversations to come, such as what the user prefers or what was decided. Saying the same again changes "
    + "nothing; a corrected version takes the place of the earlier one. The domain 'hot' is for the few short facts that every conversation should begin with. "
    + "For pages and files use knowledge_ingest.",
    KnowledgeToolJson.Default.RememberArguments)
{
    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Remembers;

    public override bool NeedsApprovalFor(JsonElement arguments) =>
        hotConfirm && arguments.TryGetProperty("domain", out var domain) && domain.ValueKind == JsonValueKind.String && domain.GetString()!.Trim() == HotFacts.Domain;

    protected override Task<ToolResult> CallAsync(RememberArguments arguments, ToolCall call, CancellationToken cancellationToken) => KnowledgeTools.TellAsync(async () =>
        await knowledge.AddAsync(new NewChunk(arguments.Content, ChunkTrust.Agent, arguments.Heading ?? "", "", arguments.Domain, $"session:{call.ThreadId}"), cancellationToken) switch
        {
            ChunkAdd.Duplicate same => $"That is known already, as #{same.Chunk.Id}.",
            ChunkAdd.Revised revised => $"Kept as #{revised.Chunk.Id}, in place of #{revised.Earlier.Id}, which said: {KnowledgeTools.Line(revised.Earlier, 300)}",
            var added => $"Kept as #{added.Chunk.Id}.",
        });
}
