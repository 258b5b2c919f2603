namespace ProtoAgent.Stores.Inbox;

/// <summary>The enums as the surfaces show them, and the statuses as they lie in the file.</summary>
public static class InboxNames
{
    public static string Of(InboxPriority priority) => priority switch
    {
        InboxPriority.Now => "now",
        InboxPriority.Next => "next",
        InboxPriority.Later => "later",
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, "No such priority of an item."),
    };

    /// <summary>Null if there is none of this name.</summary>
    public static InboxPriority? Priority(string name) => name switch
    {
        "now" => InboxPriority.Now,
        "next" => InboxPriority.Next,
        "later" => InboxPriority.Later,
        _ => null,
    };

    public static string Of(InboxStatus status) => status switch
    {
        InboxStatus.Pending => "pending",
        InboxStatus.Claimed => "claimed",
        InboxStatus.Delivered => "delivered",
        InboxStatus.Expired => "expired",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status of an item."),
    };

    internal static InboxStatus Status(string name) => name switch
    {
        "pending" => InboxStatus.Pending,
        "claimed" => InboxStatus.Claimed,
        "delivered" => InboxStatus.Delivered,
        "expired" => InboxStatus.Expired,
        _ => throw Unknown("status", name),
    };

    internal static InboxPriority Priority(long number) => number is >= (long)InboxPriority.Now and <= (long)InboxPriority.Later
        ? (InboxPriority)number
        : throw Unknown("priority", $"{number}");

    private static StoreException Unknown(string what, string name) => new(
        InboxSchema.Schema.Store, "store_newer", $"The inbox holds the {what} '{name}', which this program does not know. Start the newer program.");
}
