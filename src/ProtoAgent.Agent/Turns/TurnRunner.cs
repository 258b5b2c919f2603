using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Models;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Turns;

/// <summary>Accepts turns and runs them: one at a time for each thread, detached from whoever asked.</summary>
/// <param name="runner">This process as the box registry names it: what a turn records as its runner.</param>
public sealed class TurnRunner(ICheckpointStore checkpoints, ModelCatalog models, string runner, TimeProvider time, ILogger<TurnRunner> logger) : IDisposable
{
    private const int LongestThreadId = 256;

    /// <summary>What a cancelled turn gets to write down that it was.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(2);

    private readonly ThreadQueue _queue = new();
    private readonly IdleMemory _memory = new(time);
    private readonly CancellationTokenSource _refusing = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Accepts the turn; it begins when those before it on its thread have ended.</summary>
    /// <exception cref="TurnRejectedException">It can't be a turn. Nothing was written.</exception>
    public TurnHandle Start(TurnRequest request)
    {
        if (_refusing.IsCancellationRequested)
        {
            throw new TurnRejectedException("shutting_down", "The instance is stopping and takes no new turns. Try again when it is back.");
        }

        if (string.IsNullOrWhiteSpace(request.Message))
        {
            throw new TurnRejectedException("message_blank", "The message is blank. Say something.");
        }

        var threadId = request.ThreadId ?? Guid.CreateVersion7(time.GetUtcNow()).ToString();
        if (!IsThreadId(threadId))
        {
            throw new TurnRejectedException(
                "thread_id_invalid", $"A session id has 1 to {LongestThreadId} characters, no control characters and no spaces around it. Leave it out for a fresh one.");
        }

        if (!models.TryGet(request.Model, out var client, out var model))
        {
            throw new TurnRejectedException(
                "model_not_found", $"The model '{request.Model}' is not configured here. There is: {string.Join(", ", models.Names)}. model.names adds others.");
        }

        var turnId = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        var events = Channel.CreateUnbounded<TurnEvent>(new UnboundedChannelOptions { SingleWriter = true, SingleReader = true });
        var cancelled = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var turn = new TurnLoop(
            request, new NewTurn(turnId, threadId, runner, request.Origin, model, []), client, models.Options, checkpoints, time, events.Writer, logger, _refusing.Token);
        var completion = _queue.Enqueue(threadId, async () =>
        {
            using (cancelled)
            {
                _memory.Begin();
                await turn.RunAsync(cancelled.Token);
                _memory.End();
            }
        });
        return new TurnHandle(threadId, turnId, model, events.Reader, completion, () => Cancel(cancelled));
    }

    /// <summary>
    /// Takes no new turns, refuses those that wait, gives those that run <paramref name="grace"/> to finish, then ends them as
    /// interrupted. Safe to call twice.
    /// </summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await _refusing.CancelAsync();
        if (!await EndedAsync(grace))
        {
            await _stopping.CancelAsync();
            await EndedAsync(s_lastWords);
        }
    }

    public void Dispose()
    {
        _memory.Dispose();
        _refusing.Dispose();
        _stopping.Dispose();
    }

    private static bool IsThreadId(string id) =>
        id.Length is > 0 and <= LongestThreadId && !char.IsWhiteSpace(id[0]) && !char.IsWhiteSpace(id[^1])
        && !id.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar);

    private static void Cancel(CancellationTokenSource turn)
    {
        try
        {
            turn.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The turn has ended; there is nothing left to cancel.
        }
    }

    private async Task<bool> EndedAsync(TimeSpan within)
    {
        try
        {
            await Task.WhenAll(_queue.Pending).WaitAsync(within, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

/// <summary>A request that can't be a turn. The message may be shown to whoever asked.</summary>
/// <param name="code"><c>message_blank</c>, <c>thread_id_invalid</c>, <c>model_not_found</c>, <c>shutting_down</c>.</param>
public sealed class TurnRejectedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
