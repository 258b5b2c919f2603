namespace ProtoAgent.Stores.Workflows;

/// <summary>How a run stands. Stored by name, in snake_case.</summary>
public enum WorkflowStatus
{
    Running,

    /// <summary>For a person. No process works on it.</summary>
    Waiting,
    Done,

    /// <summary>Over, with at least one step that has no output.</summary>
    Failed,
    Cancelled,
}

/// <summary>How a step of a run stands. Stored by name, in snake_case.</summary>
public enum WorkflowStepStatus
{
    Pending,
    Running,

    /// <summary>For a person: at its gate, or in its turn.</summary>
    Waiting,
    Done,
    Failed,

    /// <summary>Not begun, because a step it depends on has no output.</summary>
    Skipped,
    Cancelled,
}

/// <summary>What a person said at a gate. Stored by name.</summary>
public enum GateDecision
{
    Approve,
    Deny,

    /// <summary>By the end of its run, not by a person.</summary>
    Cancelled,
}

/// <param name="Recipe">Its text as the run begins: an edit later changes no run.</param>
/// <param name="Inputs">A JSON object, checked.</param>
/// <param name="Origin">Who asked: <c>operator</c>, <c>tool</c>, …</param>
/// <param name="Runner">The process that works on it: <c>InstanceRecord.ProcessId</c>.</param>
/// <param name="Steps">Their ids, in the recipe's order.</param>
public sealed record NewWorkflowRun(string Id, string Workflow, string Recipe, string Inputs, string Origin, string Runner, IReadOnlyList<string> Steps)
{
    /// <summary>Of a request that may be made again: the run that was begun under it is the answer. Null if each is meant.</summary>
    public string? Key { get; init; }

    /// <summary>The turn that waits for its end; null if none does.</summary>
    public string? ParentTurn { get; init; }
}

/// <param name="Fence">The number of the last taking-over. Who names an older one is refused.</param>
/// <param name="Version">Rises with everything that happens to the run.</param>
public sealed record WorkflowRun(
    string Id,
    string Workflow,
    string Recipe,
    string Inputs,
    string Origin,
    WorkflowStatus Status,
    string Runner,
    long Fence,
    long Version,
    DateTimeOffset StartedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? FinishedAt)
{
    public string? ParentTurn { get; init; }

    /// <summary>Somebody wants it to end; whoever works on it ends it.</summary>
    public bool CancelRequested { get; init; }

    public string? Output { get; init; }

    /// <summary>Stable, snake_case; null unless failed or cancelled.</summary>
    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    public bool HasEnded => FinishedAt is not null;
}

/// <param name="Attempt">1 for the first; 0 while it has not begun.</param>
public sealed record WorkflowStep(string Id, WorkflowStepStatus Status, long Attempt = 0)
{
    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Of one that is to be tried again: not before then.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    public string? Output { get; init; }

    /// <summary>The output comes from outside: a model is shown it as data.</summary>
    public bool External { get; init; }

    public string? ErrorCode { get; init; }

    /// <summary>Why the last attempt failed.</summary>
    public string? ErrorMessage { get; init; }

    public bool HasEnded => Status is WorkflowStepStatus.Done or WorkflowStepStatus.Failed or WorkflowStepStatus.Skipped or WorkflowStepStatus.Cancelled;
}

/// <param name="Question">What a person is to decide.</param>
/// <param name="Prompt">What the step will do if it goes on; blank if nothing but wait.</param>
public sealed record NewGate(string Id, string Question, string Prompt);

/// <summary>A step that waits, or waited, for a person before it begins.</summary>
/// <param name="Answer">What the person had to say to it.</param>
public sealed record Gate(
    string Id, string RunId, string Workflow, string StepId, string Question, string Prompt, DateTimeOffset CreatedAt,
    GateDecision? Decision = null, string? Answer = null, DateTimeOffset? DecidedAt = null);

/// <param name="Taken">False when it had been decided before: <paramref name="Gate"/> says how.</param>
public sealed record GateTaken(Gate Gate, bool Taken);

/// <summary>A run with all there is of it.</summary>
/// <param name="Steps">In the recipe's order.</param>
public sealed record WorkflowRunDetails(WorkflowRun Run, IReadOnlyList<WorkflowStep> Steps, IReadOnlyList<Gate> Gates);

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record WorkflowRunPage(IReadOnlyList<WorkflowRun> Items, string? Next);

/// <summary>The run is another process's by now, or has ended. Nothing was written.</summary>
public sealed class StaleRunException(string message) : Exception(message);
