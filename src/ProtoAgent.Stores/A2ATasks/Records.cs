namespace ProtoAgent.Stores.A2ATasks;

/// <summary>Something said in a task.</summary>
/// <param name="Key">What makes it the same message when it comes again: of one task none is kept twice.</param>
/// <param name="Json">As the protocol writes it; opaque to the store.</param>
public sealed record TaskMessage(string Key, string Json);

/// <param name="Id">Also the id of the turn that works on it.</param>
/// <param name="ContextId">The conversation, as peers name it.</param>
/// <param name="State">As the protocol names it.</param>
/// <param name="HasEnded">That state is one nothing leads out of.</param>
/// <param name="Prompt">What the turn is asked.</param>
/// <param name="First">What was said first; its key stands for the task: who sends it again is answered with this task.</param>
public sealed record NewA2ATask(string Id, string ContextId, string State, bool HasEnded, string Prompt, TaskMessage First)
{
    /// <summary>JSON; null for none.</summary>
    public string? StatusMessage { get; init; }

    /// <summary>JSON; null for none.</summary>
    public string? Metadata { get; init; }
}

/// <param name="StatusAt">When its status was last written; never before the one before it.</param>
public sealed record StoredA2ATask(string Id, string ContextId, string State, bool HasEnded, string Prompt, DateTimeOffset CreatedAt, DateTimeOffset StatusAt)
{
    /// <summary>JSON; null for none.</summary>
    public string? StatusMessage { get; init; }

    /// <summary>A JSON array; null for none.</summary>
    public string? Artifacts { get; init; }

    public string? Metadata { get; init; }

    /// <summary>As JSON, oldest first.</summary>
    public IReadOnlyList<string> Messages { get; init; } = [];
}

/// <summary>How a task stands from now on.</summary>
public sealed record A2ATaskStatusChange(string State, bool HasEnded)
{
    /// <summary>JSON; null for none.</summary>
    public string? StatusMessage { get; init; }

    /// <summary>A JSON array; null leaves them as they are.</summary>
    public string? Artifacts { get; init; }

    /// <summary>Said since; what is there already stays once.</summary>
    public IReadOnlyList<TaskMessage> Messages { get; init; } = [];
}

/// <summary>Which tasks to list; null for any.</summary>
/// <param name="Since">Whose status is of then or later.</param>
public sealed record A2ATaskFilter(string? ContextId = null, string? State = null, DateTimeOffset? Since = null);

/// <param name="Next">The cursor of the next page; null on the last.</param>
/// <param name="Total">Of all pages.</param>
public sealed record A2ATaskPage(IReadOnlyList<StoredA2ATask> Items, string? Next, long Total);

/// <summary>The answer to <see cref="A2ATaskStore.BeginAsync"/>.</summary>
public abstract record A2ATaskBegin
{
    private A2ATaskBegin()
    {
    }

    public sealed record Begun(StoredA2ATask Task) : A2ATaskBegin;

    /// <summary>The same was said before: that task, as it stands. Nothing was written.</summary>
    public sealed record Known(StoredA2ATask Task) : A2ATaskBegin;

    /// <summary>So many tasks are open already. Nothing was written.</summary>
    public sealed record Full(long Open) : A2ATaskBegin;
}
