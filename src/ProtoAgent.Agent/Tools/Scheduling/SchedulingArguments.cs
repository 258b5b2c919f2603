using System.ComponentModel;
using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Tools.Scheduling;

public sealed record ScheduleTaskArguments(
    [property: Description("What you will be told when it is time. It must make sense without this conversation: name what to do, for whom, and where to find what it needs.")]
    string Prompt,
    [property: Description("A cron line ('0 9 * * MON-FRI'), '@daily' and the like, an interval ('every 15m', 'every 1h30m'), or one time with its date ('2027-03-01T09:00', '2027-03-01T09:00:00+01:00').")]
    string When,
    [property: Description("IANA name such as 'Europe/Berlin': whose clocks a cron line, or a time without an offset, goes by. UTC without it.")]
    string? Timezone = null,
    [property: Description("A name for the job, of A-Z a-z 0-9 . _ -. Without it, it gets one.")]
    string? JobId = null,
    [property: Description("Whether it comes back to this conversation. Without it, what happens once does, and what recurs runs apart from it.")]
    bool? InThisConversation = null);

public sealed record ListSchedulesArguments;

public sealed record CancelScheduleArguments([property: Description("The job's id, as list_schedules shows it.")] string JobId);

public sealed record WaitArguments(
    [property: Description("How long, 1 to 31622400 (366 days).")] long Seconds,
    [property: Description("What to do then, with all you will need to know.")] string Then);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ScheduleTaskArguments))]
[JsonSerializable(typeof(ListSchedulesArguments))]
[JsonSerializable(typeof(CancelScheduleArguments))]
[JsonSerializable(typeof(WaitArguments))]
internal sealed partial class SchedulingJson : JsonSerializerContext;
