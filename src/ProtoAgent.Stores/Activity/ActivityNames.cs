namespace ProtoAgent.Stores.Activity;

/// <summary>The origins as they lie in the file, and as the surfaces show them.</summary>
public static class ActivityNames
{
    public static string Of(ActivityOrigin origin) => origin switch
    {
        ActivityOrigin.Scheduler => "scheduler",
        ActivityOrigin.Inbox => "inbox",
        ActivityOrigin.A2A => "a2a",
        ActivityOrigin.Operator => "operator",
        _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, "No such origin of an activity."),
    };

    /// <summary>Null if there is no such origin.</summary>
    public static ActivityOrigin? Origin(string name) => name switch
    {
        "scheduler" => ActivityOrigin.Scheduler,
        "inbox" => ActivityOrigin.Inbox,
        "a2a" => ActivityOrigin.A2A,
        "operator" => ActivityOrigin.Operator,
        _ => null,
    };

    internal static ActivityOrigin Stored(string name) => Origin(name) ?? throw new StoreException(
        ActivitySchema.Schema.Store, "store_newer", $"The activity holds the origin '{name}', which this program does not know. Start the newer program.");
}
