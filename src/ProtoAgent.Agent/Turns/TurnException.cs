namespace ProtoAgent.Agent.Turns;

/// <summary>The turn can't go on, for a reason of its own. The message is safe to show and says what to do.</summary>
/// <param name="code">See <see cref="TurnEvent.Failed"/>.</param>
internal sealed class TurnException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}

/// <summary>A subagent waits for a person: the call that sent it has no result yet, and its turn waits too.</summary>
internal sealed class SubagentWaitsException(string threadId) : Exception($"The subagent's thread '{threadId}' waits for a person.")
{
    public string ThreadId { get; } = threadId;
}

/// <summary>A request that can't be a turn. The message may be shown to whoever asked.</summary>
/// <param name="code"><c>message_blank</c>, <c>thread_id_invalid</c>, <c>model_not_found</c>, <c>turn_elsewhere</c>, <c>shutting_down</c>.</param>
public sealed class TurnRejectedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
