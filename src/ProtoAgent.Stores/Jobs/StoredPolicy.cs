using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProtoAgent.Stores.Jobs;

/// <summary>
/// A policy as JSON in its column. Apart from <see cref="JobPolicy"/>, because source-generated reading gives an init-only
/// property that is missing its type's default and not ours: a policy written before there was a field keeps the field's default.
/// </summary>
internal sealed record StoredPolicy(
    MissedFires? Missed,
    TimeSpan? MissedWindow,
    Overlap? Overlap,
    int? Retries,
    TimeSpan? RetryBackoff,
    TimeSpan? Jitter,
    DateTimeOffset? EndAt,
    long? MaxRuns,
    int? PauseAfterFailures)
{
    private static readonly JobPolicy s_default = new();

    public static string Write(JobPolicy policy) => JsonSerializer.Serialize(
        new StoredPolicy(
            policy.Missed,
            policy.MissedWindow,
            policy.Overlap,
            policy.Retries,
            policy.RetryBackoff,
            policy.Jitter,
            policy.EndAt,
            policy.MaxRuns,
            policy.PauseAfterFailures),
        JobJson.Default.StoredPolicy);

    public static JobPolicy Read(string json)
    {
        try
        {
            var stored = JsonSerializer.Deserialize(json, JobJson.Default.StoredPolicy)!;
            return new JobPolicy
            {
                Missed = stored.Missed ?? s_default.Missed,
                MissedWindow = stored.MissedWindow ?? s_default.MissedWindow,
                Overlap = stored.Overlap ?? s_default.Overlap,
                Retries = stored.Retries ?? s_default.Retries,
                RetryBackoff = stored.RetryBackoff ?? s_default.RetryBackoff,
                Jitter = stored.Jitter ?? s_default.Jitter,
                EndAt = stored.EndAt,
                MaxRuns = stored.MaxRuns,
                PauseAfterFailures = stored.PauseAfterFailures ?? s_default.PauseAfterFailures,
            };
        }
        catch (JsonException)
        {
            throw JobNames.Unknown("policy", json);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredPolicy))]
internal sealed partial class JobJson : JsonSerializerContext;
