namespace ProtoAgent.Stores.Workflows;

/// <summary>The enums as they lie in the file and as the surfaces show them.</summary>
public static class WorkflowNames
{
    public static string Of(WorkflowStatus status) => status switch
    {
        WorkflowStatus.Running => "running",
        WorkflowStatus.Waiting => "waiting",
        WorkflowStatus.Done => "done",
        WorkflowStatus.Failed => "failed",
        WorkflowStatus.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status of a run."),
    };

    /// <summary>Null if there is none of this name.</summary>
    public static WorkflowStatus? Status(string name) => name switch
    {
        "running" => WorkflowStatus.Running,
        "waiting" => WorkflowStatus.Waiting,
        "done" => WorkflowStatus.Done,
        "failed" => WorkflowStatus.Failed,
        "cancelled" => WorkflowStatus.Cancelled,
        _ => null,
    };

    public static string Of(WorkflowStepStatus status) => status switch
    {
        WorkflowStepStatus.Pending => "pending",
        WorkflowStepStatus.Running => "running",
        WorkflowStepStatus.Waiting => "waiting",
        WorkflowStepStatus.Done => "done",
        WorkflowStepStatus.Failed => "failed",
        WorkflowStepStatus.Skipped => "skipped",
        WorkflowStepStatus.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status of a step."),
    };

    public static string Of(GateDecision decision) => decision switch
    {
        GateDecision.Approve => "approve",
        GateDecision.Deny => "deny",
        GateDecision.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(decision), decision, "No such decision."),
    };

    internal static WorkflowStatus StoredStatus(string name) => Status(name) ?? throw Unknown("status of a run", name);

    internal static WorkflowStepStatus StepStatus(string name) => name switch
    {
        "pending" => WorkflowStepStatus.Pending,
        "running" => WorkflowStepStatus.Running,
        "waiting" => WorkflowStepStatus.Waiting,
        "done" => WorkflowStepStatus.Done,
        "failed" => WorkflowStepStatus.Failed,
        "skipped" => WorkflowStepStatus.Skipped,
        "cancelled" => WorkflowStepStatus.Cancelled,
        _ => throw Unknown("status of a step", name),
    };

    internal static GateDecision Decision(string name) => name switch
    {
        "approve" => GateDecision.Approve,
        "deny" => GateDecision.Deny,
        "cancelled" => GateDecision.Cancelled,
        _ => throw Unknown("decision", name),
    };

    private static StoreException Unknown(string what, string name) => new(
        WorkflowSchema.Schema.Store, "store_newer", $"The file of workflow runs holds the {what} '{name}', which this program does not know. Start the newer program.");
}
