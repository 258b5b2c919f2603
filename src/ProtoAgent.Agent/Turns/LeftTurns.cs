using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Telemetry;

namespace ProtoAgent.Agent.Turns;

/// <summary>Turns that no process runs: which of them are gone on with, and the end of those that are not.</summary>
internal sealed class LeftTurns(TurnServices services, TurnOnce once)
{
    public bool IsResumed(TurnInfo turn) => turn.Status == TurnStatus.Waiting || services.Options.Resume switch
    {
        ResumePolicy.Always => true,
        ResumePolicy.Never => false,
        _ => !turn.Attended,
    };

    /// <summary>False for a subagent whose report nobody will read.</summary>
    public async Task<bool> IsWantedAsync(TurnInfo turn, CancellationToken cancellationToken) =>
        TurnRequest.Of(turn).ParentTurn is not { } parent || await services.Checkpoints.GetTurnAsync(parent, cancellationToken) is { FinishedAt: null };

    /// <summary>Null when it has ended meanwhile, or a process runs it.</summary>
    public async Task<TurnInfo?> InterruptAsync(TurnInfo left, CancellationToken cancellationToken)
    {
        var ended = await services.Checkpoints.InterruptTurnAsync(left.Id, cancellationToken);
        if (ended is not null)
        {
            Record(ended);
        }

        return ended;
    }

    /// <summary>A turn that was ended without being run: what is known of it.</summary>
    public void Record(TurnInfo ended)
    {
        services.Recorder.TurnEnded(new TurnTelemetry(ended.Id, ended.ThreadId, ended.Origin, ended.Model, StoredNames.Of(ended.Status), ended.ErrorCode, ended.StartedAt, ended.Worked)
        {
            InputTokens = ended.InputTokens, OutputTokens = ended.OutputTokens,
        });
        once.Told(ended.Id);
        services.Ended(new TurnEnded(ended.Id, ended.ThreadId, ended.Origin, ended.Status, ended.ErrorMessage ?? "") { Code = ended.ErrorCode, Incognito = TurnRequest.Of(ended).Incognito });
    }
}
