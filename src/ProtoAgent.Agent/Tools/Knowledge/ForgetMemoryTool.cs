using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Tools.Knowledge;

/// <summary><c>forget_memory</c>. What a person put in stays: a page that talks the agent into forgetting must not get that far.</summary>
/// <param name="hotConfirm">What stands before every conversation is an operator's to change.</param>
internal sealed class ForgetMemoryTool(KnowledgeService knowledge, bool hotConfirm) : TypedTool<ForgetArguments>(
    "forget_memory", "Forgets something known that is wrong or not wanted any more, by its number. What an operator put in can't be forgotten this way.", KnowledgeToolJson.Default.ForgetArguments)
{
    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Remembers;

    protected override Task<ToolResult> CallAsync(ForgetArguments arguments, ToolCall call, CancellationToken cancellationToken) => KnowledgeTools.TellAsync(async () =>
    {
        var store = await knowledge.StoreAsync();
        return await store.GetAsync(arguments.ChunkId, cancellationToken) switch
        {
            null => throw new ToolException($"There is no #{arguments.ChunkId}. memory_recall and memory_list show the numbers."),
            { InvalidatedAt: not null } => $"#{arguments.ChunkId} was forgotten or replaced before.",
            { Trust: ChunkTrust.Operator } => throw new ToolException(
                $"An operator put #{arguments.ChunkId} in; only an operator takes it out: 'protoagent knowledge delete {arguments.ChunkId}'. Tell the user."),
            { Domain: HotFacts.Domain } when hotConfirm => throw new ToolException(
                $"#{arguments.ChunkId} stands before every conversation, and here only an operator changes that: 'protoagent memory hot delete {arguments.ChunkId}'. Tell the user."),
            var chunk => await knowledge.ForgetAsync(chunk, arguments.Reason, cancellationToken)
                ? $"Forgotten: {KnowledgeTools.Line(chunk, 300)}"
                : $"#{arguments.ChunkId} was forgotten or replaced before.",
        };
    });
}
