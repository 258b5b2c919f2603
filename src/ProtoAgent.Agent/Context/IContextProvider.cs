namespace ProtoAgent.Agent.Context;

/// <summary>Puts something before the conversation: who the agent is, what it remembers, what it can do.</summary>
public interface IContextProvider
{
    /// <summary>Lower comes first.</summary>
    int Order { get; }

    /// <summary>Null when there is nothing to say. Bounded by the provider itself. Throws only when cancelled: a turn is not lost because a memory can't be read.</summary>
    ValueTask<string?> ProvideAsync(ContextRequest request, CancellationToken cancellationToken);
}

/// <param name="Message">What was asked.</param>
/// <param name="Incognito">Nothing may be read from or written to what the agent remembers.</param>
public sealed record ContextRequest(string ThreadId, string TurnId, string Message, bool Incognito);
