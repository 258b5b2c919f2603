using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Inbox;

namespace ProtoAgent.Agent.Inbox;

/// <summary>What the bus is told of the inbox.</summary>
internal sealed class InboxNews(EventBus events)
{
    private const int LongestText = 200;

    /// <summary>It waits, or fires.</summary>
    public void Waits(InboxItem item) => events.Publish(
        "inbox.item",
        new InboxItemEvent(item.Id, InboxNames.Of(item.Priority), item.Source, item.Text[..SafeCut.Before(item.Text, Math.Min(item.Text.Length, LongestText))]),
        InboxNewsJson.Default.InboxItemEvent);

    public void Delivered(InboxItem item) =>
        events.Publish("inbox.delivered", new InboxDeliveredEvent(item.Id, item.TurnId), InboxNewsJson.Default.InboxDeliveredEvent);

    public void Expired(InboxItem item) =>
        events.Publish("inbox.expired", new InboxExpiredEvent(item.Id, item.Attempts, item.LastError), InboxNewsJson.Default.InboxExpiredEvent);

    public void Deleted(string id) => events.Publish("inbox.deleted", new InboxDeletedEvent(id), InboxNewsJson.Default.InboxDeletedEvent);
}

/// <param name="Text">Its beginning.</param>
internal sealed record InboxItemEvent(string Id, string Priority, string Source, string Text);

/// <param name="TurnId">Null when a person dealt with it.</param>
internal sealed record InboxDeliveredEvent(string Id, string? TurnId);

internal sealed record InboxExpiredEvent(string Id, long Attempts, string? Reason);

internal sealed record InboxDeletedEvent(string Id);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(InboxItemEvent))]
[JsonSerializable(typeof(InboxDeliveredEvent))]
[JsonSerializable(typeof(InboxExpiredEvent))]
[JsonSerializable(typeof(InboxDeletedEvent))]
internal sealed partial class InboxNewsJson : JsonSerializerContext;
