namespace ProtoAgent.Stores.Checkpoints;

/// <summary>What is wanted of a person. Stored by name.</summary>
public enum ApprovalKind
{
    /// <summary>May this call be made?</summary>
    Approve,

    /// <summary>A question; the answer is the call's result.</summary>
    Question,
}

/// <summary>What was decided. Stored by name.</summary>
public enum Decision
{
    Approve,
    Deny,

    /// <summary>By the end of its turn, not by a person.</summary>
    Cancelled,
}

/// <param name="Arguments">JSON, as the model gave them.</param>
public sealed record NewApproval(string Id, string CallId, ApprovalKind Kind, string Tool, string Arguments, string? Question = null);

/// <summary>One thing a turn waits for, or waited for.</summary>
/// <param name="Answer">The answer to a question; of a denial, why.</param>
public sealed record Approval(
    string Id,
    string ThreadId,
    string TurnId,
    string CallId,
    ApprovalKind Kind,
    string Tool,
    string Arguments,
    string? Question,
    DateTimeOffset CreatedAt,
    Decision? Decision = null,
    string? Answer = null,
    DateTimeOffset? DecidedAt = null);

/// <summary>What came of a decision.</summary>
/// <param name="Taken">False when it had been decided before: <paramref name="Approval"/> says how.</param>
/// <param name="TurnIsFree">The turn waits for nothing more.</param>
public sealed record DecisionTaken(Approval Approval, bool Taken, bool TurnIsFree);
