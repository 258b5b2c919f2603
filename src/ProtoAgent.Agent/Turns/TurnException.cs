namespace ProtoAgent.Agent.Turns;

/// <summary>The turn can't go on, for a reason of its own. The message is safe to show and says what to do.</summary>
/// <param name="code">See <see cref="TurnEvent.Failed"/>.</param>
internal sealed class TurnException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}

/// <summary>What a call began (a subagent, a run) waits for a person: the call has no result yet, and its turn waits too.</summary>
/// <param name="isOver">Whether that waits no more: it may have come to its end before the turn came to wait.</param>
internal sealed class CallWaitsException(string what, Func<Task<bool>> isOver) : Exception($"{what} waits for a person.")
{
    public Func<Task<bool>> IsOver { get; } = isOver;
}

/// <summary>A request that can't be a turn. The message may be shown to whoever asked.</summary>
/// <param name="code"><c>message_blank</c>, <c>attachment_too_large</c>, <c>thread_id_invalid</c>, <c>model_not_found</c>, <c>turn_elsewhere</c>, <c>shutting_down</c>.</param>
public sealed class TurnRejectedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
