using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Tools.Knowledge;

/// <summary><c>forget_memory</c>. What a person put in stays: a page that talks the agent into forgetting must not get that far.</summary>
internal sealed class ForgetMemoryTool(KnowledgeService knowledge) : TypedTool<ForgetArguments>(
    "forget_memory", "Forgets something known that is wrong or not wanted any more, by its number. What an operator put in can't be forgotten this way.", KnowledgeToolJson.Default.ForgetArguments)
{
    public override ToolTraits Traits => ToolTraits.Idempotent;

    protected override Task<ToolResult> CallAsync(ForgetArguments arguments, ToolCall call, CancellationToken cancellationToken) => KnowledgeTools.TellAsync(async () =>
    {
        var store = await knowledge.StoreAsync();
        return await store.GetAsync(arguments.ChunkId, cancellationToken) switch
        {
            null => throw new ToolException($"There is no #{arguments.ChunkId}. memory_recall and memory_list show the numbers."),
            { InvalidatedAt: not null } => $"#{arguments.ChunkId} was forgotten or replaced before.",
            { Trust: ChunkTrust.Operator } => throw new ToolException(
                $"An operator put #{arguments.ChunkId} in; only an operator takes it out: 'protoagent knowledge delete {arguments.ChunkId}'. Tell the user."),
            var chunk => await store.ForgetAsync(chunk.Id, arguments.Reason, cancellationToken)
                ? $"Forgotten: {KnowledgeTools.Line(chunk, 300)}"
                : $"#{arguments.ChunkId} was forgotten or replaced before.",
        };
    });
}
