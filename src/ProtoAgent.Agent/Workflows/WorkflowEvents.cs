using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;
using ProtoAgent.Stores.Workflows;

namespace ProtoAgent.Agent.Workflows;

/// <summary>What happens to runs, told on the bus as it is written: <c>workflow.run_started</c>, <c>step_started</c>, <c>step_done</c>, <c>step_failed</c>, <c>waiting</c>, <c>done</c>, <c>failed</c>, <c>cancelled</c>.</summary>
internal sealed class WorkflowEvents(EventBus bus)
{
    public const string Prefix = "workflow.";

    private const string Gate = "gate";

    private readonly ApprovalEvents _approvals = new(bus);

    public void RunStarted(WorkflowRun run) => Tell("run_started", Of(run));

    /// <param name="step">As it is written. A step that is skipped has failed for whoever looks from outside; its code says why.</param>
    public void Step(WorkflowRun run, WorkflowStep step, bool retried = false)
    {
        var name = step.Status switch
        {
            WorkflowStepStatus.Running => "step_started",
            WorkflowStepStatus.Done => "step_done",
            WorkflowStepStatus.Failed or WorkflowStepStatus.Skipped => "step_failed",
            _ => null,
        };
        if (retried)
        {
            Tell("step_failed", Of(run) with { Step = step.Id, Attempt = step.Attempt - 1, Code = step.ErrorCode, Message = step.ErrorMessage, Retries = true });
        }

        if (name is not null)
        {
            Tell(name, Of(run) with { Step = step.Id, Attempt = step.Attempt, Code = name == "step_failed" ? step.ErrorCode : null, Message = name == "step_failed" ? step.ErrorMessage : null });
        }
    }

    /// <param name="gate">Null when it is the turn of a step that waits.</param>
    public void Waiting(WorkflowRun run, string step, NewGate? gate)
    {
        Tell("waiting", Of(run) with { Step = step, ApprovalId = gate?.Id, Message = gate?.Question });
        if (gate is not null)
        {
            _approvals.Requested(new ApprovalRequested(gate.Id, Gate, run.Id, step, run.Workflow, gate.Question));
        }
    }

    public void Decided(Gate gate) => _approvals.Decided(new ApprovalDecided(gate.Id, Gate, gate.RunId, gate.StepId, gate.Workflow, WorkflowNames.Of(gate.Decision!.Value)));

    /// <summary>No process works on it until somebody decides.</summary>
    public void Parked(WorkflowRun run) => Tell("parked", Of(run));

    public void Ended(WorkflowRun run) => Tell(WorkflowNames.Of(run.Status), Of(run) with { Code = run.ErrorCode, Message = run.ErrorMessage });

    private static WorkflowEvent Of(WorkflowRun run) => new(run.Id, run.Workflow);

    private void Tell(string name, WorkflowEvent data) => bus.Publish(Prefix + name, data, WorkflowEventJson.Default.WorkflowEvent);
}

/// <param name="Retries">Of a step that failed: it is tried again.</param>
internal sealed record WorkflowEvent(
    string RunId, string Workflow, string? Step = null, long? Attempt = null, string? ApprovalId = null, string? Code = null, string? Message = null, bool? Retries = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkflowEvent))]
internal sealed partial class WorkflowEventJson : JsonSerializerContext;
