using System.Globalization;
using ProtoAgent.Agent.Tools.Time;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Tools.Scheduling;

/// <summary>A job as a model reads it.</summary>
internal static class JobWords
{
    /// <summary>As the clocks of the job's zone show it, with its offset.</summary>
    public static string At(DateTimeOffset at, string timezone)
    {
        var local = TimeZoneInfo.ConvertTime(at, Zone(timezone));
        return string.Create(CultureInfo.InvariantCulture, $"{local:ddd yyyy-MM-dd'T'HH:mm:ss.FFFzzz} ({timezone})");
    }

    /// <summary>Where its turns go, seen from a conversation.</summary>
    public static string Place(Job job, string threadId) =>
        job.SessionId is not { } session ? "apart from any conversation"
        : session == threadId ? "in this conversation"
        : $"in the conversation '{session}'";

    public static string State(Job job) => job.State == JobState.Active ? $"next {At(job.NextFire!.Value, job.Timezone)}" : $"{JobNames.Of(job.State)} ({job.PausedReason})";

    /// <summary>A zone of the file that this machine does not know is still one to people.</summary>
    private static TimeZoneInfo Zone(string timezone)
    {
        try
        {
            return TimeZones.Find(timezone);
        }
        catch (ToolException)
        {
            return TimeZoneInfo.Utc;
        }
    }
}
