using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>A turn as it stands in the file: how it was asked for, how it is getting on, what it wrote.</summary>
/// <param name="Steps">Its own, oldest first; empty when its thread was wound back before it.</param>
public sealed record StoredTurn(TurnInfo Turn, TurnRequest Request, IReadOnlyList<StoredStep> Steps)
{
    /// <summary>What it was given: all before its first answer.</summary>
    public IEnumerable<StoredStep> Given => Steps.TakeWhile(s => s is not { Kind: StepKind.Assistant, Content.Model: not null });

    /// <summary>What it did from its first answer on.</summary>
    public IEnumerable<StoredStep> Done => Steps.SkipWhile(s => s is not { Kind: StepKind.Assistant, Content.Model: not null });

    /// <summary>Null when there is no such turn.</summary>
    public static async Task<StoredTurn?> FindAsync(ICheckpointStore checkpoints, string turnId, CancellationToken cancellationToken = default) =>
        await checkpoints.GetTurnAsync(turnId, cancellationToken) is not { } turn ? null
        : new StoredTurn(turn, TurnRequest.Of(turn), [.. (await TurnSteps.OfAsync(checkpoints, turn.ThreadId, turnId)).Select(e => new StoredStep(e.Seq, e.Kind, e.Content))]);
}

public sealed record StoredStep(long Seq, StepKind Kind, StepContent Content);
