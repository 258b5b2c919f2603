namespace ProtoAgent.Agent.Turns;

/// <summary>The one way in: a person, a peer, the timer and the inbox all enter as this.</summary>
public sealed record TurnRequest
{
    /// <summary>What is asked, as text. Not blank.</summary>
    public required string Message { get; init; }

    /// <summary>The thread to go on with, or to begin under this id; null for a fresh one, never a shared default.</summary>
    public string? ThreadId { get; init; }

    /// <summary>Who asks: <c>operator</c>, <c>openai</c>, <c>cli</c>, …</summary>
    public required string Origin { get; init; }

    /// <summary>A configured model's name; null for the default.</summary>
    public string? Model { get; init; }

    /// <summary>What was said before, for a caller that brings its own history. Used only when the thread is new.</summary>
    public IReadOnlyList<PriorMessage> History { get; init; } = [];

    /// <summary>The caller's own system text, for this turn only.</summary>
    public string? Instructions { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public int? MaxOutputTokens { get; init; }

    public IReadOnlyList<string>? StopSequences { get; init; }
}

/// <param name="FromAssistant">Said by the assistant; else by the user.</param>
public sealed record PriorMessage(bool FromAssistant, string Text);
