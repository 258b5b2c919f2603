using System.Text.Json.Serialization;
using ProtoAgent.Instances;
using ProtoAgent.Stores.Activity;

namespace ProtoAgent.Agent.Activity;

/// <summary>A line as every surface shows it, and as <c>activity.message</c> tells it.</summary>
/// <param name="Origin"><c>scheduler</c>, <c>inbox</c>, <c>a2a</c> or <c>operator</c>.</param>
/// <param name="Kind">What happened, snake_case.</param>
public sealed record ActivityMessage(
    long Seq, DateTimeOffset At, string Origin, string Kind, string Text, string? SessionId, string? TurnId, string? JobId, string? ItemId)
{
    public static ActivityMessage Of(ActivityEntry entry) => new(
        entry.Seq, entry.At, ActivityNames.Of(entry.Origin), entry.Kind, entry.Text, entry.ThreadId, entry.TurnId, entry.JobId, entry.ItemId);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ActivityMessage))]
internal sealed partial class ActivityJson : JsonSerializerContext;
