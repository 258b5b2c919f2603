using Microsoft.Extensions.Logging;
using ProtoAgent.Stores.Audit;
using ProtoAgent.Stores.Telemetry;

namespace ProtoAgent.Agent.Records;

/// <summary>Writes down what turns do: audit lines, a row of telemetry, metrics. Nothing here may fail a turn or make it wait.</summary>
/// <param name="audit">Null where it is switched off.</param>
/// <param name="telemetry">Null where its store could not be opened.</param>
public sealed class TurnRecorder(AuditLog? audit, TelemetryStore? telemetry, ILogger<TurnRecorder> logger)
{
    private readonly Lock _lock = new();
    private Task _rows = Task.CompletedTask;
    private bool _inTrouble;

    public void TurnBegan(string threadId, string turnId, string origin, string model) =>
        Safely(() => audit?.Write(new AuditLine("turn_began").With("thread", threadId).With("turn", turnId).With("origin", origin).With("model", model)));

    public void ToolCalled(ToolRecord call) => Safely(() =>
    {
        AgentTelemetry.Count(call);
        audit?.Write(new AuditLine("tool_called")
            .With("thread", call.ThreadId)
            .With("turn", call.TurnId)
            .With("call", call.CallId)
            .With("tool", call.Tool)
            .With("origin", call.Origin)
            .With("status", ToolRecord.NameOf(call.Status))
            .With("duration_ms", Milliseconds(call.Duration))
            .With("arguments", call.Arguments)
            .With("result_length", call.ResultLength)
            .With("error", call.Error));
    });

    public void Approval(ApprovalRecord approval) => Safely(() =>
    {
        AgentTelemetry.Count(approval);
        audit?.Write(new AuditLine("approval")
            .With("thread", approval.ThreadId)
            .With("turn", approval.TurnId)
            .With("call", approval.CallId)
            .With("tool", approval.Tool)
            .With("decision", approval.Decision)
            .With("by", approval.By)
            .With("comment", approval.Comment)
            .With("waited_ms", approval.Waited is { } waited ? Milliseconds(waited) : null));
    });

    public void TurnEnded(TurnTelemetry turn) => Safely(() =>
    {
        AgentTelemetry.Count(turn);
        audit?.Write(new AuditLine("turn_ended")
            .With("thread", turn.ThreadId)
            .With("turn", turn.TurnId)
            .With("origin", turn.Origin)
            .With("model", turn.Model)
            .With("status", turn.Status)
            .With("error", turn.ErrorCode)
            .With("duration_ms", Milliseconds(turn.Duration))
            .With("rounds", turn.Rounds)
            .With("tool_calls", turn.ToolCalls)
            .With("input_tokens", turn.InputTokens)
            .With("output_tokens", turn.OutputTokens)
            .With("cost_usd", turn.CostUsd));
        if (telemetry is not null)
        {
            lock (_lock)
            {
                _rows = _rows.IsCompleted ? RecordAsync(telemetry, turn) : Task.WhenAll(_rows, RecordAsync(telemetry, turn));
            }
        }
    });

    /// <summary>Completes when the rows of the turns ended so far are in the store, or can't be. Before the store is closed.</summary>
    public Task FlushAsync()
    {
        lock (_lock)
        {
            return _rows;
        }
    }

    private async Task RecordAsync(TelemetryStore store, TurnTelemetry turn)
    {
        // Even what is done before the first wait must not be done on the turn's time.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await store.RecordAsync(turn);
            _inTrouble = false;
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    private void Safely(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    /// <summary>Once as long as it lasts. The stores say themselves what is wrong with them, and when it is over.</summary>
    private void Report(Exception e)
    {
        if (!_inTrouble)
        {
            _inTrouble = true;
            logger.LogWarning(e, "What a turn did could not be written down: {Reason} Turns go on.", e.Message);
        }
    }

    private static long Milliseconds(TimeSpan time) => (long)Math.Round(time.TotalMilliseconds);
}
