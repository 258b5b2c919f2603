using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Protocols.Operator;

/// <summary>A job that is to be.</summary>
internal sealed record NewJobBody(string? Prompt, string? Schedule, string? Timezone, string? JobId, string? SessionId, JobPolicyBody? Policy)
{
    /// <exception cref="ApiException">400, with the field.</exception>
    public JobDraft ToDraft()
    {
        if (JobId is not null && JobIds.Problem(JobId) is { } problem)
        {
            throw new ApiException(400, "bad_job_id", problem, "job_id");
        }

        return JobRequired.Draft(Prompt, Schedule, SessionId) with { Timezone = Timezone, Id = JobId, Policy = Policy?.ToPolicy(Timezone) };
    }
}

/// <summary>What a job is to be from now on. Zone, session and policy stay as they are if left out; a policy that is given is given whole.</summary>
/// <param name="SessionId">Left out is no null: null takes the job out of its session.</param>
/// <param name="Version">As the caller read it: refused if the job was changed since. Without it the last word counts.</param>
internal sealed record JobEditBody(string? Prompt, string? Schedule, string? Timezone, JsonElement SessionId, JobPolicyBody? Policy, long? Version)
{
    /// <exception cref="ApiException">400, with the field.</exception>
    public JobDraft Over(Job job)
    {
        var zone = Timezone ?? job.Timezone;
        var session = SessionId.ValueKind switch
        {
            JsonValueKind.Undefined => job.SessionId,
            JsonValueKind.Null => null,
            JsonValueKind.String => SessionId.GetString(),
            _ => throw new ApiException(400, "malformed_body", "The field 'session_id' must be text, or null to take the job out of its session.", "session_id"),
        };
        return JobRequired.Draft(Prompt, Schedule, session) with { Timezone = zone, Policy = Policy is null ? job.Policy : Policy.ToPolicy(zone) };
    }
}

/// <param name="Count">How many of the next fires: 1 to 100, 5 if left out.</param>
internal sealed record PreviewBody(string? Schedule, string? Timezone, int? Count);

/// <summary>What no job goes without.</summary>
internal static class JobRequired
{
    public static JobDraft Draft(string? prompt, string? schedule, string? sessionId)
    {
        if (string.IsNullOrWhiteSpace(prompt))
        {
            throw JsonBody.Missing("prompt", "it is what the agent is told when the job fires.");
        }

        if (sessionId is not null)
        {
            TurnRunner.RefuseBadThreadId(sessionId);
        }

        return new JobDraft(prompt, Schedule(schedule)) { SessionId = sessionId };
    }

    public static string Schedule(string? schedule) => string.IsNullOrWhiteSpace(schedule)
        ? throw JsonBody.Missing("schedule", "a cron line ('0 9 * * MON-FRI'), '@daily', 'every 15m', or one time ('2027-03-01T09:00:00+01:00').")
        : schedule;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(NewJobBody))]
[JsonSerializable(typeof(JobEditBody))]
[JsonSerializable(typeof(PreviewBody))]
[JsonSerializable(typeof(JobAnswer))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(RunList))]
[JsonSerializable(typeof(JobCancelled))]
[JsonSerializable(typeof(SchedulePreview))]
internal sealed partial class JobsJson : JsonSerializerContext;
