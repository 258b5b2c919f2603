using System.Globalization;

namespace ProtoAgent.Commands;

/// <summary>Jobs and runs as a person reads them: times as the clocks of the job's zone show them.</summary>
internal static class JobsWords
{
    private const int LongestPrompt = 60;

    public static string At(DateTimeOffset? at, string timezone) =>
        at is not { } time ? "-"
        : TimeZoneInfo.ConvertTime(time, TimeZoneInfo.TryFindSystemTimeZoneById(timezone, out var zone) ? zone : TimeZoneInfo.Utc)
            .ToString("ddd yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    public static string State(JobsShapes.Job job) => job.PausedReason is { } why && why != job.State ? $"{job.State} ({why})" : job.State;

    public static string Said(JobsShapes.Job job) =>
        $"'{job.Id}': {job.Schedule} ({job.Timezone}), {(job.NextFire is null ? State(job) : $"next {At(job.NextFire, job.Timezone)}")}";

    public static void Table(IReadOnlyList<JobsShapes.Job> jobs) => TextTable.Write(
        Console.Out,
        ["ID", "STATE", "NEXT FIRE", "LAST", "SCHEDULE", "PROMPT"],
        jobs.Select(j => new[] { j.Id, State(j), At(j.NextFire, j.Timezone), j.LastStatus ?? "-", $"{j.Schedule} ({j.Timezone})", Line(j.Prompt) }));

    public static void Table(IReadOnlyList<JobsShapes.Run> runs, string timezone) => TextTable.Write(
        Console.Out,
        ["DUE", "STATUS", "ATTEMPT", "FINISHED", "TURN", "WHY"],
        runs.Select(r => new[]
        {
            At(r.DueAt, timezone), r.Status, $"{r.Attempt}", At(r.FinishedAt, timezone), r.TurnId ?? "-",
            string.Join("; ", new[] { r.Reason, r.Error is { } error ? Line(error) : null, r.RetryAt is null ? null : $"again {At(r.RetryAt, timezone)}" }.OfType<string>()),
        }));

    /// <summary>All of one job, a line each.</summary>
    public static void Write(JobsShapes.Job job)
    {
        foreach (var (name, value) in Facts(job))
        {
            Console.Out.WriteLine($"{name + ':',-20}{value}");
        }
    }

    private static IEnumerable<(string Name, string Value)> Facts(JobsShapes.Job job)
    {
        var policy = job.Policy;
        yield return ("id", job.Id);
        yield return ("state", State(job));
        yield return ("schedule", $"{job.Schedule} ({job.Timezone})");
        yield return ("next fire", At(job.NextFire, job.Timezone));
        yield return ("last fire", $"{At(job.LastFire, job.Timezone)}{(job.LastStatus is { } last ? $" {last}" : "")}");
        yield return ("fired", string.Create(CultureInfo.InvariantCulture, $"{job.Runs}{(policy.MaxRuns is { } most ? $" of {most}" : "")}"));
        yield return ("failures in a row", $"{job.ConsecutiveFailures}{(policy.PauseAfterFailures > 0 ? $", paused after {policy.PauseAfterFailures}" : "")}");
        yield return ("session", job.SessionId ?? "(the agent's activity)");
        yield return ("missed", string.Create(CultureInfo.InvariantCulture, $"{policy.Missed}, up to {policy.MissedWindowSeconds} s late"));
        yield return ("overlap", policy.Overlap ?? "-");
        yield return ("retries", string.Create(CultureInfo.InvariantCulture, $"{policy.Retries}, the first after {policy.RetryBackoffSeconds} s"));
        yield return ("jitter", string.Create(CultureInfo.InvariantCulture, $"{policy.JitterSeconds} s"));
        yield return ("ends at", policy.EndAt ?? "-");
        yield return ("created", At(job.CreatedAt, job.Timezone));
        yield return ("changed", $"{At(job.UpdatedAt, job.Timezone)}, version {job.Version}");
        yield return ("prompt", job.Prompt);
    }

    private static string Line(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= LongestPrompt ? line : line[..(char.IsHighSurrogate(line[LongestPrompt - 1]) ? LongestPrompt - 1 : LongestPrompt)] + "…";
    }
}
