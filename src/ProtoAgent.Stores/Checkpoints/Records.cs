namespace ProtoAgent.Stores.Checkpoints;

/// <summary>What a step is. Stored by name, in snake_case.</summary>
public enum StepKind
{
    User,
    Assistant,
    ToolCall,
    ToolResult,
    Note,
}

/// <summary>How a turn stands. Stored by name, in snake_case.</summary>
public enum TurnStatus
{
    Running,
    Done,
    Failed,
    Cancelled,

    /// <summary>Its process died, or was stopped, before it ended.</summary>
    Interrupted,
}

/// <param name="Content">JSON; the agent's business, opaque to the store.</param>
public sealed record NewStep(StepKind Kind, string Content);

public sealed record Step(string ThreadId, long Seq, string TurnId, StepKind Kind, DateTimeOffset At, string Content);

/// <param name="Runner">The process that runs it: <c>InstanceRecord.ProcessId</c>.</param>
/// <param name="Origin">Who asked: <c>operator</c>, <c>openai</c>, <c>cli</c>, …</param>
public sealed record NewTurn(string TurnId, string ThreadId, string Runner, string Origin, string Model, IReadOnlyList<NewStep> Steps);

/// <param name="InputTokens">Tokens sent to the model; null if it didn't say.</param>
/// <param name="ErrorCode">Stable, snake_case; null unless failed.</param>
public sealed record TurnEnd(
    TurnStatus Status, long? InputTokens = null, long? OutputTokens = null, string? ErrorCode = null, string? ErrorMessage = null);

public sealed record TurnInfo(
    string Id,
    string ThreadId,
    TurnStatus Status,
    string Runner,
    string Origin,
    string Model,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    long? InputTokens,
    long? OutputTokens,
    string? ErrorCode,
    string? ErrorMessage);

/// <param name="Head">The number of the last step.</param>
public sealed record ThreadInfo(string Id, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Head);

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record ThreadPage(IReadOnlyList<ThreadInfo> Items, string? Next);

/// <summary>The answer to <see cref="ICheckpointStore.BeginTurnAsync"/>.</summary>
public abstract record TurnStart
{
    private TurnStart()
    {
    }

    /// <param name="Head">The thread's head after the turn's first steps: what the next step extends.</param>
    /// <param name="Interrupted">A dead process's turn that was found running and marked interrupted; null as a rule.</param>
    public sealed record Started(long Head, TurnInfo? Interrupted) : TurnStart;

    /// <summary>Another turn runs on the thread, in a process that lives. Nothing was written.</summary>
    public sealed record Busy(TurnInfo Running) : TurnStart;
}

/// <summary>The writer extends a step that is no longer the thread's last, or a turn that has ended. Nothing was written.</summary>
public sealed class StaleStepException(string message) : Exception(message);

/// <summary>A live turn runs on the thread. Nothing was written.</summary>
public sealed class ThreadBusyException(string message) : Exception(message);
