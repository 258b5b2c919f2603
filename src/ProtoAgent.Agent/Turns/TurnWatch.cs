using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Telemetry;

namespace ProtoAgent.Agent.Turns;

/// <summary>What one run of a turn does and takes, told to the audit log, the telemetry and whoever listens to spans and metrics.</summary>
internal sealed class TurnWatch
{
    private readonly TurnServices _services;
    private readonly NewTurn _turn;
    private readonly bool _wordless;
    private readonly TurnSpan _span;
    private readonly DateTimeOffset _startedAt;
    private readonly TimeSpan _worked;
    private readonly long _began;
    private readonly Lock _gate = new();
    private TimeSpan? _firstPiece;
    private int _fallbacks;

    /// <param name="taken">The turn as it was left; null for a new one.</param>
    public TurnWatch(TurnServices services, TurnPlan plan, TurnInfo? taken)
    {
        // Incognito: what it took is told, nothing that was said in it.
        var (turn, model) = (plan.Turn, plan.Models[0]);
        _wordless = plan.Request.Incognito;
        _services = services;
        _turn = turn;
        _startedAt = taken?.StartedAt ?? services.Time.GetUtcNow();
        _worked = taken?.Worked ?? TimeSpan.Zero;
        _began = services.Time.GetTimestamp();
        _span = AgentTelemetry.StartTurn(
            plan.Request.Subagent ?? services.AgentName, services.InstanceId, model.Options.Provider, model.Name, turn.ThreadId, services.Time, plan.Request.Trace);
        services.Recorder.TurnBegan(turn.ThreadId, turn.TurnId, turn.Origin, turn.Model);
    }

    public ModelCallSpan ModelCalled(ResolvedModel model) =>
        AgentTelemetry.StartModelCall(model.Options.Provider, model.Name, _turn.ThreadId, model.Options.BaseUrl, _services.Time);

    /// <summary>The model said or thought something.</summary>
    public void Piece() => _firstPiece ??= _worked + _services.Time.GetElapsedTime(_began);

    public void FellBack() => _fallbacks++;

    public ToolSpan ToolCalled(StepContent call) => AgentTelemetry.StartTool(call.Tool!, call.CallId!, _turn.ThreadId, _services.Time);

    /// <param name="isOffered">Whether there is such a tool: a model may make one up.</param>
    /// <param name="took">Zero for a call that was not made.</param>
    public void ToolEnded(StepContent call, bool isOffered, string status, TimeSpan took, string text)
    {
        var known = status switch
        {
            "ok" => ToolStatus.Ok,
            "error" => ToolStatus.Error,
            "denied" => ToolStatus.Denied,
            _ => ToolStatus.Unknown,
        };
        lock (_gate)
        {
            _services.Recorder.ToolCalled(new ToolRecord(
                _turn.ThreadId, _turn.TurnId, call.CallId!, call.Tool!, _wordless ? null : call.Arguments!, _turn.Origin, known, took, text.Length,
                known == ToolStatus.Ok || _wordless ? null : text) { IsOffered = isOffered });
        }
    }

    /// <param name="thread">Null when the turn never began.</param>
    public void Ended(TurnEvent end, TurnThread? thread)
    {
        var failed = end as TurnEvent.Failed;
        var usage = thread?.Usage;
        _span.End(usage?.InputTokens, usage?.OutputTokens, failed?.Code);
        if (end is TurnEvent.Parked || thread is null)
        {
            return;
        }

        var own = thread.Own.ToList();
        var results = own.Where(e => e.Kind == StepKind.ToolResult).ToList();
        _services.Recorder.TurnEnded(new TurnTelemetry(
            _turn.TurnId,
            _turn.ThreadId,
            _turn.Origin,
            own.LastOrDefault(e => e.Kind == StepKind.Assistant)?.Content.Model ?? _turn.Model,
            failed is null ? "done" : StoredNames.Of(failed.EndsAs),
            failed?.Code,
            _startedAt,
            _worked + _services.Time.GetElapsedTime(_began))
        {
            FirstToken = _firstPiece,
            Rounds = thread.Rounds,
            ToolCalls = own.Count(e => e.Kind == StepKind.ToolCall),
            ToolErrors = results.Count(r => r.Content.Status != "ok"),
            InputTokens = usage!.InputTokens,
            OutputTokens = usage.OutputTokens,
            CostUsd = (double?)thread.CostUsd,
            Fallbacks = _fallbacks,
        });
    }
}
