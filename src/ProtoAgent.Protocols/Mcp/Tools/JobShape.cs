using System.ComponentModel;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary>A scheduled job, as the tools show it.</summary>
internal sealed record JobShape(
    string Id,
    string Prompt,
    [property: Description("In the one way of writing it that is kept.")] string Schedule,
    [property: Description("IANA name.")] string Timezone,
    [property: Description("The conversation it comes back to; null for one of its own.")] string? SessionId,
    [property: Description("active, paused or ended.")] string State,
    DateTime? NextFire,
    DateTime? LastFire,
    [property: Description("What became of it last.")] string? LastStatus)
{
    public static JobShape Of(Job j) => new(
        j.Id, j.Prompt, j.Schedule, j.Timezone, j.SessionId, JobNames.Of(j.State), j.NextFire?.UtcDateTime, j.LastFire?.UtcDateTime, j.LastStatus is { } status ? JobNames.Of(status) : null);
}
