using System.ComponentModel;
using System.Text.Json.Serialization;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Inbox;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary><c>post_inbox</c>: something left for the agent.</summary>
internal sealed class PostInboxTool(McpServices services) : ServerTool<PostInboxTool.Arguments, PostInboxTool.Answer>(
    new Tool
    {
        Name = "post_inbox",
        Title = "Leave something for the agent",
        Description = "Puts an item into the agent's inbox and does not wait for what comes of it. It is on the disk when this answers. 'now' wakes the agent for it, 'next' is read in its next turn, 'later' when it has time.",
        Annotations = new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = false, IdempotentHint = false, OpenWorldHint = false },
    },
    McpToolJson.Default.PostArguments,
    McpToolJson.Default.PostAnswer,
    services)
{
    private const string DefaultSource = "mcp";

    protected override async Task<Answer> CallAsync(Arguments arguments, RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        var priority = arguments.Priority switch { Urgency.Now => InboxPriority.Now, Urgency.Later => InboxPriority.Later, _ => InboxPriority.Next };
        var item = new NewItem(
            arguments.Text, priority, string.IsNullOrEmpty(arguments.Source) ? DefaultSource : arguments.Source, string.IsNullOrEmpty(arguments.DedupKey) ? null : arguments.DedupKey);
        return await Services.Inbox.PostAsync(item, CancellationToken.None) switch
        {
            InboxAdd.Added added => new Answer(added.Item.Id, InboxNames.Of(added.Item.Status), Deduplicated: false),
            InboxAdd.Deduplicated duplicate => new Answer(duplicate.Existing.Id, InboxNames.Of(duplicate.Existing.Status), Deduplicated: true),
            InboxAdd.Storm storm => throw new ToolException($"{storm.Notice.Text} Try again in a minute."),
            _ => throw new InvalidOperationException("The inbox answered with something new."),
        };
    }

    protected override string Text(Answer answer) =>
        answer.Deduplicated ? $"An item with that key is there already, as {answer.ItemId} ({answer.Status}); nothing was added." : $"In the inbox, as {answer.ItemId}.";

    public sealed record Arguments(
        [property: Description("What the agent is to read: 1 to 65,536 characters.")] string Text,
        [property: Description("How soon: now, next (if left out) or later.")] Urgency? Priority = null,
        [property: Description("Who leaves it, 1 to 128 characters; 'mcp' if left out.")] string? Source = null,
        [property: Description("Names what it is about: while an item with this key is fresh, another one is not added.")] string? DedupKey = null);

    public sealed record Answer(
        string ItemId,
        [property: Description("pending, claimed, delivered or expired.")] string Status,
        [property: Description("True when an item with that key was there already, and nothing was added.")] bool Deduplicated);

    public enum Urgency
    {
        [JsonStringEnumMemberName("now")]
        Now,

        [JsonStringEnumMemberName("next")]
        Next,

        [JsonStringEnumMemberName("later")]
        Later,
    }
}
