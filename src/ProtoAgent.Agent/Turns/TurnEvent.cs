using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>
/// What a turn says while it runs. Exactly one <see cref="Completed"/>, <see cref="Failed"/> or <see cref="Parked"/> ends it.
/// </summary>
public abstract record TurnEvent
{
    private TurnEvent()
    {
    }

    /// <summary>The turn and the user's message are in the thread; of one taken over, they were.</summary>
    public sealed record Started(string ThreadId, string TurnId, string Model) : TurnEvent;

    /// <summary>A piece of what the model says, as it streams it. What it says before it calls tools is part of the thread and not of the reply.</summary>
    public sealed record Delta(string Text) : TurnEvent;

    /// <summary>A piece of what the model thinks aloud; no part of the answer.</summary>
    public sealed record Thought(string Text) : TurnEvent;

    /// <summary>A call is in the thread and begins.</summary>
    /// <param name="Arguments">JSON, as the model gave it.</param>
    public sealed record ToolStarted(string CallId, string Tool, string Arguments) : TurnEvent;

    /// <summary>The call's result is in the thread.</summary>
    /// <param name="Status"><c>ok</c>, <c>error</c>, <c>denied</c> or <c>unknown</c>.</param>
    public sealed record ToolEnded(string CallId, string Tool, string Status, string Text) : TurnEvent;

    /// <summary>What was said to the running turn is part of its thread now.</summary>
    public sealed record Steered(string Text) : TurnEvent;

    /// <summary>A model failed before it said anything, and the next one is asked.</summary>
    public sealed record FellBack(string From, string To, string Code) : TurnEvent;

    /// <summary>A summary stands for older turns from now on.</summary>
    public sealed record Summarised(long Through) : TurnEvent;

    /// <summary>The whole answer is in the thread, on disk.</summary>
    /// <param name="FinishReason"><c>stop</c>, <c>length</c>, <c>content_filter</c>, or <c>tool_calls</c> when the caller has calls to make.</param>
    public sealed record Completed(string Reply, string FinishReason, TurnUsage Usage) : TurnEvent
    {
        /// <summary>What the caller is to call; the next turn on the thread brings the results. They are in the thread.</summary>
        public IReadOnlyList<CallerCall> Calls { get; init; } = [];
    }

    /// <summary>The turn waits for a person, on disk; a decision goes on with it, in whichever process.</summary>
    /// <param name="Approvals">What it waits for; empty when something it began does.</param>
    public sealed record Parked(IReadOnlyList<NewApproval> Approvals) : TurnEvent
    {
        /// <summary>Whether each of those is over by now.</summary>
        internal IReadOnlyList<Func<Task<bool>>> Waits { get; init; } = [];
    }

    /// <summary>There is no answer. The thread says so; nothing said before counts as one.</summary>
    /// <param name="Code">Stable, snake_case: <c>model_…</c>, <c>turn_rounds</c>, <c>turn_tokens</c>, <c>turn_timeout</c>, <c>turn_stalled</c>, <c>turn_crashes</c>, <c>thread_busy</c>, <c>thread_waiting</c>, <c>thread_conflict</c>, <c>cancelled</c>, <c>shutting_down</c>, <c>store_…</c>, <c>internal</c>.</param>
    /// <param name="Message">Safe to show; says what to do.</param>
    /// <param name="RetryAfter">When trying again may help, if known.</param>
    public sealed record Failed(string Code, string Message, TimeSpan? RetryAfter = null) : TurnEvent
    {
        /// <summary>How the turn is recorded.</summary>
        internal TurnStatus EndsAs => Code switch
        {
            "cancelled" => TurnStatus.Cancelled,
            "shutting_down" => TurnStatus.Interrupted,
            _ => TurnStatus.Failed,
        };
    }
}

/// <summary>Tokens of one turn; null where the model did not say.</summary>
public sealed record TurnUsage(long? InputTokens, long? OutputTokens);
