using System.Text.Json;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.A2A.Client;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2ATasks;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>The turn of a task: begun, gone on with, or found ended.</summary>
internal sealed partial class TaskTurn(TaskServices services, StoredA2ATask task)
{
    private Action _cancel = () => { };
    private bool _isCancelled;

    /// <summary>Safe at any time. From one thread.</summary>
    public void Cancel()
    {
        _isCancelled = true;
        _cancel();
    }

    /// <summary>Until it has ended or waits. Never throws.</summary>
    /// <returns>Null when only its own record knows.</returns>
    public async Task<TurnOutcome?> RunAsync()
    {
        using var cancelled = new CancellationTokenSource();
        var source = cancelled;
        _cancel = () =>
        {
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The turn has ended; there is nothing left to cancel.
            }
        };
        if (_isCancelled)
        {
            _cancel();
        }

        try
        {
            // Nobody's connection tells a peer that its task broke off: it is gone on with after a crash.
            var request = new TurnRequest { Message = task.Prompt, ThreadId = TaskFormat.ThreadOf(task.ContextId), Origin = TaskFormat.Origin, Attended = false, Hops = Hops() };
            return await services.Turns().Once.RunAsync(request, task.Id, cancelled.Token);
        }
        catch (TurnRejectedException e)
        {
            return new TurnOutcome(TurnStatus.Failed, e.Code, e.Message);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (Exception e)
        {
            LogBroken(services.Logger, e is StoreException ? null : e, task.Id, e.Message);
            return null;
        }
    }

    /// <summary>As the message that made the task says it.</summary>
    private int Hops() => task.Messages is [var first, ..] ? PeerHops.Of(JsonSerializer.Deserialize(first, A2AJson.Default.Message)?.Metadata) : 0;

    [LoggerMessage(EventName = "a2a_turn_unknown", Level = LogLevel.Error, Message = "how the turn of the task {Task} of a peer stands could not be learnt: {Reason}")]
    private static partial void LogBroken(ILogger log, Exception? e, string task, string reason);
}
