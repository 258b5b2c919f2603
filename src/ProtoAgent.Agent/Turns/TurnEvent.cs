namespace ProtoAgent.Agent.Turns;

/// <summary>What a turn says while it runs. Exactly one <see cref="Completed"/> or <see cref="Failed"/> ends it.</summary>
public abstract record TurnEvent
{
    private TurnEvent()
    {
    }

    /// <summary>The turn and the user's message are in the thread.</summary>
    public sealed record Started(string ThreadId, string TurnId, string Model) : TurnEvent;

    /// <summary>A piece of the answer, as the model streams it.</summary>
    public sealed record Delta(string Text) : TurnEvent;

    /// <summary>The whole answer is in the thread, on disk.</summary>
    /// <param name="FinishReason"><c>stop</c>, <c>length</c> or <c>content_filter</c>.</param>
    public sealed record Completed(string Reply, string FinishReason, TurnUsage Usage) : TurnEvent;

    /// <summary>There is no answer. The thread says so; nothing said before counts as one.</summary>
    /// <param name="Code">Stable, snake_case: <c>model_unreachable</c>, <c>model_rate_limited</c>, <c>model_refused</c>, <c>model_timeout</c>, <c>model_stream_cut</c>, <c>cancelled</c>, <c>shutting_down</c>, <c>store_…</c>, <c>internal</c>.</param>
    /// <param name="Message">Safe to show; says what to do.</param>
    /// <param name="RetryAfter">When trying again may help, if known.</param>
    public sealed record Failed(string Code, string Message, TimeSpan? RetryAfter = null) : TurnEvent;
}

/// <summary>Tokens of one turn; null where the model did not say.</summary>
public sealed record TurnUsage(long? InputTokens, long? OutputTokens);
