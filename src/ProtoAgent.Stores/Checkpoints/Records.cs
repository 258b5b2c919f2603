namespace ProtoAgent.Stores.Checkpoints;

/// <summary>What a step is. Stored by name, in snake_case.</summary>
public enum StepKind
{
    User,
    Assistant,
    ToolCall,
    ToolResult,

    /// <summary>What happened to a turn. Never shown to the model.</summary>
    Note,

    /// <summary>A call that may not be repeated is about to be made.</summary>
    ToolStart,

    /// <summary>Stands for the steps up to <see cref="Step.Through"/> when the model is asked; they stay.</summary>
    Summary,
}

/// <summary>How a turn stands. Stored by name, in snake_case.</summary>
public enum TurnStatus
{
    Running,

    /// <summary>For a person, or for a subagent that does. No process runs it.</summary>
    Waiting,
    Done,
    Failed,
    Cancelled,

    /// <summary>Its process died, or was stopped, before it ended.</summary>
    Interrupted,
}

/// <param name="Content">JSON; the agent's business, opaque to the store.</param>
/// <param name="Through">Of a summary: the last step it stands for.</param>
public sealed record NewStep(StepKind Kind, string Content, long? Through = null);

public sealed record Step(string ThreadId, long Seq, string TurnId, StepKind Kind, DateTimeOffset At, string Content, long? Through = null);

/// <param name="Runner">The process that runs it: <c>InstanceRecord.ProcessId</c>.</param>
/// <param name="Origin">Who asked: <c>operator</c>, <c>openai</c>, <c>cli</c>, …</param>
public sealed record NewTurn(string TurnId, string ThreadId, string Runner, string Origin, string Model, IReadOnlyList<NewStep> Steps)
{
    /// <summary>JSON; what the agent needs to go on with it in another process. Opaque to the store.</summary>
    public string Request { get; init; } = "{}";

    /// <summary>Somebody waits for its answer.</summary>
    public bool Attended { get; init; } = true;

    /// <summary>The thread's last step as the asker knows it; null if that does not matter.</summary>
    public long? ExpectedHead { get; init; }
}

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
    string? ErrorMessage)
{
    public string Request { get; init; } = "{}";

    public bool Attended { get; init; } = true;

    /// <summary>Processes that ran it since it last waited; more than one means that some died in it.</summary>
    public long Attempts { get; init; } = 1;

    /// <summary>Wall clock of the runs before this one, without waiting.</summary>
    public TimeSpan Worked { get; init; }
}

/// <param name="Head">The number of the last step.</param>
/// <param name="ParentId">Of a fork: the thread it came from, and the last step it took.</param>
public sealed record ThreadInfo(string Id, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Head, string? ParentId = null, long? ParentStep = null);

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record ThreadPage(IReadOnlyList<ThreadInfo> Items, string? Next);

/// <summary>The answer to <see cref="ICheckpointStore.BeginTurnAsync"/>.</summary>
public abstract record TurnStart
{
    private TurnStart()
    {
    }

    /// <param name="Head">The thread's head after the turn's first steps: what the next step extends.</param>
    public sealed record Started(long Head) : TurnStart;

    /// <summary>Another turn runs on the thread, in a process that lives. Nothing was written.</summary>
    public sealed record Busy(TurnInfo Running) : TurnStart;

    /// <summary>A turn of the thread waits for a person. Nothing was written.</summary>
    public sealed record Waiting(TurnInfo Turn) : TurnStart;

    /// <summary>A turn of the thread was left by a process that died: take it over or interrupt it first. Nothing was written.</summary>
    public sealed record Abandoned(TurnInfo Turn) : TurnStart;

    /// <summary>The thread is not where the asker thinks. Nothing was written.</summary>
    public sealed record Moved(long Head) : TurnStart;
}

/// <param name="Head">The thread's last step.</param>
public sealed record TakenTurn(TurnInfo Turn, long Head);

/// <param name="Steered">Somebody said something meanwhile: it is in the thread, and the turn was not ended.</param>
public sealed record TurnFinish(long Head, bool Steered);

/// <summary>The writer extends a step that is no longer the thread's last, or a turn that has ended. Nothing was written.</summary>
public sealed class StaleStepException(string message) : Exception(message);

/// <summary>A live turn runs on the thread. Nothing was written.</summary>
public sealed class ThreadBusyException(string message) : Exception(message);
