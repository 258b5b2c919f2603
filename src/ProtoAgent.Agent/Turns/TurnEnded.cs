using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>A turn that has ended, and whose end is written.</summary>
/// <param name="Text">The answer; or why there is none.</param>
public sealed record TurnEnded(string TurnId, string ThreadId, string Origin, TurnStatus Status, string Text)
{
    /// <summary>Why there is no answer, stable and snake_case; null if there is one.</summary>
    public string? Code { get; init; }

    /// <summary>Nothing of it may be kept.</summary>
    public bool Incognito { get; init; }

    /// <summary>A turn somebody asked for, and not one it sent.</summary>
    public bool IsOwn => !ThreadId.StartsWith(ThreadIds.Task, StringComparison.Ordinal);
}
