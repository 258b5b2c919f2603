using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Stores.Jobs;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>What happens to jobs and to the schedule, on the bus: topics <c>job.…</c> and <c>scheduler.…</c>.</summary>
internal sealed class JobEvents(EventBus bus)
{
    private const int LongestText = 200;

    /// <param name="what"><c>added</c>, <c>changed</c>, <c>paused</c>, <c>resumed</c>, <c>deleted</c>.</param>
    public void Changed(string what, string jobId, string? reason = null) => bus.Publish($"job.{what}", new JobChanged(jobId, reason), JobEventJson.Default.JobChanged);

    /// <param name="what"><c>claimed</c>, <c>started</c>, <c>waiting</c>, <c>done</c>, <c>retrying</c>, <c>failed</c>, <c>skipped</c>.</param>
    public void Run(string what, Run run, string? threadId = null) => bus.Publish(
        $"job.{what}",
        new RunHappened(run.JobId, run.Id, run.DueAt, run.Attempt, threadId, run.TurnId, run.Reason, Short(run.Error), run.NotBefore),
        JobEventJson.Default.RunHappened);

    public void Missed(string jobId, CatchUp.Miss miss) => bus.Publish(
        "job.missed", new DueMissed(jobId, miss.Due.Count, miss.Due[0], miss.Due[^1], miss.Reason), JobEventJson.Default.DueMissed);

    public void Scheduler(SchedulerState state, LockHolder? owner) => bus.Publish(
        $"scheduler.{SchedulerStatus.NameOf(state)}", new SchedulerChanged(SchedulerStatus.NameOf(state), owner?.Pid, owner?.Port, owner?.Instance), JobEventJson.Default.SchedulerChanged);

    private static string? Short(string? text) => text is null || text.Length <= LongestText ? text : text[..Tools.SafeCut.Before(text, LongestText)];

    internal sealed record JobChanged(string JobId, string? Reason);

    internal sealed record RunHappened(
        string JobId, string RunId, DateTimeOffset DueAt, int Attempt, string? SessionId, string? TurnId, string? Reason, string? Error, DateTimeOffset? RetryAt);

    internal sealed record DueMissed(string JobId, int Count, DateTimeOffset First, DateTimeOffset Last, string Reason);

    internal sealed record SchedulerChanged(string State, int? OwnerPid, int? OwnerPort, string? OwnerInstance);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)], DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobEvents.JobChanged))]
[JsonSerializable(typeof(JobEvents.RunHappened))]
[JsonSerializable(typeof(JobEvents.DueMissed))]
[JsonSerializable(typeof(JobEvents.SchedulerChanged))]
internal sealed partial class JobEventJson : JsonSerializerContext;
