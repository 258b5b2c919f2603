using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProtoAgent.Commands;

/// <summary>What <c>protoagent jobs</c> sends and reads.</summary>
internal static class JobsShapes
{
    internal sealed record NewJob(string Prompt, string Schedule, string? Timezone, string? JobId, string? SessionId, Policy Policy);

    internal sealed record JobEdit(string Prompt, string Schedule, string Timezone, string? SessionId, Policy Policy, long Version);

    internal sealed record JobAnswer(Job Job, bool? Existed);

    internal sealed record JobPage(IReadOnlyList<Job> Items, string? Next);

    internal sealed record RunAnswer(Run Run);

    internal sealed record RunPage(IReadOnlyList<Run> Items, string? Next);

    internal sealed record Job(
        string Id, string Prompt, string Schedule, string Timezone, string? SessionId, string State, string? PausedReason,
        DateTimeOffset? NextFire, DateTimeOffset? LastFire, string? LastStatus, long Runs, int ConsecutiveFailures, Policy Policy,
        DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version);

    /// <summary>Null is left to the instance.</summary>
    internal sealed record Policy(
        string? Missed, double? MissedWindowSeconds, string? Overlap, int? Retries, double? RetryBackoffSeconds, double? JitterSeconds,
        string? EndAt, long? MaxRuns, int? PauseAfterFailures);

    internal sealed record Run(
        string Id, DateTimeOffset DueAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, string Status, string? Reason, int Attempt,
        DateTimeOffset? RetryAt, string? TurnId, string? Error);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(JobsShapes.NewJob))]
[JsonSerializable(typeof(JobsShapes.JobEdit))]
[JsonSerializable(typeof(JobsShapes.JobAnswer))]
[JsonSerializable(typeof(JobsShapes.JobPage))]
[JsonSerializable(typeof(JobsShapes.RunAnswer))]
[JsonSerializable(typeof(JobsShapes.RunPage))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class JobsJson : JsonSerializerContext;
