namespace ProtoAgent.Stores.Checkpoints;

/// <summary>The enums as they lie in the file, and as the surfaces show them.</summary>
public static class StoredNames
{
    public static string Of(StepKind kind) => kind switch
    {
        StepKind.User => "user",
        StepKind.Assistant => "assistant",
        StepKind.ToolCall => "tool_call",
        StepKind.ToolResult => "tool_result",
        StepKind.Note => "note",
        StepKind.ToolStart => "tool_start",
        StepKind.Summary => "summary",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of step."),
    };

    internal static StepKind Kind(string name) => name switch
    {
        "user" => StepKind.User,
        "assistant" => StepKind.Assistant,
        "tool_call" => StepKind.ToolCall,
        "tool_result" => StepKind.ToolResult,
        "note" => StepKind.Note,
        "tool_start" => StepKind.ToolStart,
        "summary" => StepKind.Summary,
        _ => throw Unknown("step kind", name),
    };

    public static string Of(TurnStatus status) => status switch
    {
        TurnStatus.Running => "running",
        TurnStatus.Waiting => "waiting",
        TurnStatus.Done => "done",
        TurnStatus.Failed => "failed",
        TurnStatus.Cancelled => "cancelled",
        TurnStatus.Interrupted => "interrupted",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status of a turn."),
    };

    internal static TurnStatus Status(string name) => name switch
    {
        "running" => TurnStatus.Running,
        "waiting" => TurnStatus.Waiting,
        "done" => TurnStatus.Done,
        "failed" => TurnStatus.Failed,
        "cancelled" => TurnStatus.Cancelled,
        "interrupted" => TurnStatus.Interrupted,
        _ => throw Unknown("turn status", name),
    };

    public static string Of(ApprovalKind kind) => kind == ApprovalKind.Question ? "question" : "approve";

    internal static ApprovalKind KindOfApproval(string name) => name switch
    {
        "approve" => ApprovalKind.Approve,
        "question" => ApprovalKind.Question,
        _ => throw Unknown("kind of approval", name),
    };

    public static string Of(Decision decision) => decision switch
    {
        Decision.Approve => "approve",
        Decision.Deny => "deny",
        _ => "cancelled",
    };

    internal static Decision DecisionOf(string name) => name switch
    {
        "approve" => Decision.Approve,
        "deny" => Decision.Deny,
        "cancelled" => Decision.Cancelled,
        _ => throw Unknown("decision", name),
    };

    private static StoreException Unknown(string what, string name) => new(
        CheckpointSchema.Schema.Store, "store_newer", $"The checkpoints hold the {what} '{name}', which this program does not know. Start the newer program.");
}
