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
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of step."),
    };

    internal static StepKind Kind(string name) => name switch
    {
        "user" => StepKind.User,
        "assistant" => StepKind.Assistant,
        "tool_call" => StepKind.ToolCall,
        "tool_result" => StepKind.ToolResult,
        "note" => StepKind.Note,
        _ => throw Unknown("step kind", name),
    };

    public static string Of(TurnStatus status) => status switch
    {
        TurnStatus.Running => "running",
        TurnStatus.Done => "done",
        TurnStatus.Failed => "failed",
        TurnStatus.Cancelled => "cancelled",
        TurnStatus.Interrupted => "interrupted",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status of a turn."),
    };

    internal static TurnStatus Status(string name) => name switch
    {
        "running" => TurnStatus.Running,
        "done" => TurnStatus.Done,
        "failed" => TurnStatus.Failed,
        "cancelled" => TurnStatus.Cancelled,
        "interrupted" => TurnStatus.Interrupted,
        _ => throw Unknown("turn status", name),
    };

    private static StoreException Unknown(string what, string name) => new(
        CheckpointSchema.Schema.Store, "store_newer", $"The checkpoints hold the {what} '{name}', which this program does not know. Start the newer program.");
}
