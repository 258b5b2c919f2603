using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Events;

/// <summary>What waits for a person, and what the person said: <c>approval.requested</c> and <c>approval.decided</c>.</summary>
public sealed class ApprovalEvents(EventBus bus)
{
    public void Requested(ApprovalRequested asked) => bus.Publish("approval.requested", asked, ApprovalEventJson.Default.ApprovalRequested);

    public void Decided(ApprovalDecided said) => bus.Publish("approval.decided", said, ApprovalEventJson.Default.ApprovalDecided);
}

/// <param name="Kind"><c>approve</c>, <c>question</c> or <c>gate</c>.</param>
/// <param name="SessionId">Of a gate: the run.</param>
/// <param name="TurnId">Of a gate: the step.</param>
/// <param name="Tool">Of a gate: the workflow.</param>
/// <param name="Question">Null where nothing is asked in words, or they may not be told.</param>
public sealed record ApprovalRequested(string ApprovalId, string Kind, string SessionId, string TurnId, string Tool, string? Question);

/// <inheritdoc cref="ApprovalRequested"/>
/// <param name="Decision"><c>approve</c> or <c>deny</c>.</param>
public sealed record ApprovalDecided(string ApprovalId, string Kind, string SessionId, string TurnId, string Tool, string Decision);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApprovalRequested))]
[JsonSerializable(typeof(ApprovalDecided))]
internal sealed partial class ApprovalEventJson : JsonSerializerContext;
