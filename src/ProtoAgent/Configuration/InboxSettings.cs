using ProtoAgent.Agent.Inbox;

namespace ProtoAgent.Configuration;

/// <summary>What is kept out of the inbox, and how long what is over is kept.</summary>
/// <param name="Retention">Of items that were read or given up; null keeps them.</param>
/// <param name="ActivityRetention">Null keeps its lines.</param>
public sealed record InboxSettings(InboxOptions Options, TimeSpan? Retention, TimeSpan? ActivityRetention)
{
    internal static InboxSettings Of(Layers layers) => new(
        new InboxOptions { DedupWindow = TimeSpan.FromSeconds(layers.Number("inbox.dedup_seconds")), StormLimit = (int)layers.Number("inbox.storm_limit") },
        Days(layers.Number("inbox.retention_days")),
        Days(layers.Number("activity.retention_days")));

    private static TimeSpan? Days(long days) => days > 0 ? TimeSpan.FromDays(days) : null;
}
