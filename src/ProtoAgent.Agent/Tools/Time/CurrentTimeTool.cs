using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Tools.Time;

/// <summary><c>current_time</c>.</summary>
/// <param name="defaultZone">IANA name of the zone when the model names none.</param>
public sealed class CurrentTimeTool(TimeProvider clock, string defaultZone = "UTC") : TypedTool<CurrentTimeTool.Arguments>(
    "current_time",
    $"Tells the date and time now, in {defaultZone} or another time zone: ISO 8601 with offset, weekday, ISO week, and Unix seconds.",
    TimeJson.Default.Arguments)
{
    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel;

    protected override Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var zone = TimeZones.Find(string.IsNullOrWhiteSpace(arguments.Timezone) ? defaultZone : arguments.Timezone.Trim());
        var utc = clock.GetUtcNow();
        var now = TimeZoneInfo.ConvertTime(utc, zone);
        var week = ISOWeek.GetWeekOfYear(now.DateTime);
        return Task.FromResult(new ToolResult(string.Create(CultureInfo.InvariantCulture, $"""
            time: {now:yyyy-MM-dd'T'HH:mm:sszzz}
            zone: {zone.Id}{(zone.IsDaylightSavingTime(utc) ? ", daylight saving time" : "")}
            weekday: {now.DayOfWeek}
            week: {ISOWeek.GetYear(now.DateTime)}-W{week:00}
            utc: {utc:yyyy-MM-dd'T'HH:mm:ss'Z'}
            unix: {utc.ToUnixTimeSeconds()}
            """)));
    }

    public sealed record Arguments
    {
        [Description("IANA name such as 'Europe/Berlin' or 'America/New_York'.")]
        public string? Timezone { get; init; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CurrentTimeTool.Arguments))]
internal sealed partial class TimeJson : JsonSerializerContext;
