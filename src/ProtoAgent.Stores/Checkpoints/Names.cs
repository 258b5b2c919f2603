namespace ProtoAgent.Stores.Checkpoints;

/// <summary>Kinds and statuses as they are stored and shown.</summary>
public static class Names
{
    public static string Of(StepKind kind) => kind switch
    {
        StepKind.User => "user",
        StepKind.Assistant => "assistant",
        StepKind.ToolCall => "tool_call",
        StepKind.ToolResult => "tool_result",
        _ => "note",
    };

    public static string Of(TurnStatus status) => status switch
    {
        TurnStatus.Running => "running",
        TurnStatus.Done => "done",
        TurnStatus.Failed => "failed",
        TurnStatus.Cancelled => "cancelled",
        _ => "interrupted",
    };

    internal static StepKind Kind(string name) => Enum.GetValues<StepKind>().First(k => Of(k) == name);

    internal static TurnStatus Status(string name) => Enum.GetValues<TurnStatus>().First(s => Of(s) == name);
}
