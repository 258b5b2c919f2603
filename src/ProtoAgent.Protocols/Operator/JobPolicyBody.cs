using System.Globalization;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Protocols.Operator;

/// <summary>
/// A job's policy as it goes in and out. Every field may be left out of a request, and is then the default; so it is never read
/// straight into a <see cref="JobPolicy"/>, where a missing field would become its type's zero.
/// </summary>
/// <param name="Missed"><c>fire_once</c>, <c>fire_all</c> or <c>skip</c>.</param>
/// <param name="Overlap"><c>skip</c>, <c>queue_one</c> or <c>parallel</c>.</param>
/// <param name="EndAt">ISO 8601; without an offset it is what the clocks of the job's zone show.</param>
internal sealed record JobPolicyBody(
    string? Missed = null,
    double? MissedWindowSeconds = null,
    string? Overlap = null,
    int? Retries = null,
    double? RetryBackoffSeconds = null,
    double? JitterSeconds = null,
    string? EndAt = null,
    long? MaxRuns = null,
    int? PauseAfterFailures = null)
{
    private const double MostSeconds = 10 * 366 * 86_400d;

    private static readonly JobPolicy s_default = new();
    private static readonly Dictionary<string, MissedFires> s_missed = new()
    {
        ["fire_once"] = MissedFires.FireOnce, ["fire_all"] = MissedFires.FireAll, ["skip"] = MissedFires.Skip,
    };

    private static readonly Dictionary<string, Overlap> s_overlap = new()
    {
        ["skip"] = Stores.Jobs.Overlap.Skip, ["queue_one"] = Stores.Jobs.Overlap.QueueOne, ["parallel"] = Stores.Jobs.Overlap.Parallel,
    };

    public static JobPolicyBody Of(JobPolicy policy) => new(
        s_missed.First(n => n.Value == policy.Missed).Key,
        policy.MissedWindow.TotalSeconds,
        s_overlap.First(n => n.Value == policy.Overlap).Key,
        policy.Retries,
        policy.RetryBackoff.TotalSeconds,
        policy.Jitter.TotalSeconds,
        policy.EndAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        policy.MaxRuns,
        policy.PauseAfterFailures);

    /// <param name="timezone">Of the job; null is UTC.</param>
    /// <exception cref="ApiException">400, with the field.</exception>
    public JobPolicy ToPolicy(string? timezone) => new()
    {
        Missed = Named("missed", Missed, s_missed) ?? s_default.Missed,
        MissedWindow = Time("missed_window_seconds", MissedWindowSeconds, MostSeconds) ?? s_default.MissedWindow,
        Overlap = Named("overlap", Overlap, s_overlap) ?? s_default.Overlap,
        Retries = (int?)Number("retries", Retries, 0, JobPolicy.MostRetries) ?? s_default.Retries,
        RetryBackoff = Time("retry_backoff_seconds", RetryBackoffSeconds, JobPolicy.LongestBackoff.TotalSeconds) ?? s_default.RetryBackoff,
        Jitter = Time("jitter_seconds", JitterSeconds, MostSeconds) ?? s_default.Jitter,
        EndAt = End(timezone),
        MaxRuns = Number("max_runs", MaxRuns, 1, long.MaxValue),
        PauseAfterFailures = (int?)Number("pause_after_failures", PauseAfterFailures, 0, int.MaxValue) ?? s_default.PauseAfterFailures,
    };

    private DateTimeOffset? End(string? timezone)
    {
        if (EndAt is null)
        {
            return null;
        }

        try
        {
            return JobSchedule.Parse(EndAt, timezone) is OneShotSchedule end
                ? end.At
                : throw Wrong("end_at", $"'{EndAt}' comes again and again; the end is one time, such as '2027-03-01T09:00:00+01:00'.");
        }
        catch (ScheduleException e) when (e.Code != "unknown_timezone")
        {
            throw Wrong("end_at", e.Message);
        }
    }

    private static T? Named<T>(string field, string? name, Dictionary<string, T> names) where T : struct =>
        name is null ? null
        : names.TryGetValue(name, out var value) ? value
        : throw Wrong(field, $"there is no '{name}'. Take one of {string.Join(", ", names.Keys)}, or leave it out for {names.First().Key}.");

    /// <summary>Rounded, because TimeSpan.FromSeconds cuts: what it makes of 309.131 is not that any more.</summary>
    private static TimeSpan? Time(string field, double? seconds, double most) =>
        seconds is null ? null
        : seconds >= 0 && seconds <= most ? TimeSpan.FromTicks((long)Math.Round(seconds.Value * TimeSpan.TicksPerSecond))
        : throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"{seconds} is no such time; give 0 to {most} seconds."));

    private static long? Number(string field, long? number, long least, long most) =>
        number is null || (number >= least && number <= most) ? number
        : throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"it is {number}; give {least}{(most < int.MaxValue ? $" to {most}" : " or more")}, or leave it out."));

    private static ApiException Wrong(string field, string what) =>
        new(StatusCodes.Status400BadRequest, "bad_policy", $"policy.{field}: {what}", $"policy.{field}");
}
