using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Inbox;

namespace ProtoAgent.Agent.Inbox;

/// <summary>
/// What calls of <c>check_inbox</c> read, and what became of it. An item is read when its text is in a thread, and only the thread knows:
/// when the turn has ended, what did not get there waits again.
/// </summary>
/// <param name="wake">Told when a <c>now</c> item waits again.</param>
internal sealed partial class InboxReading(LateStore<InboxStore> store, ICheckpointStore checkpoints, InboxNews news, Action wake, ILogger logger)
{
    public async Task<InboxRead> ReadAsync(InboxPriority floor, int limit, int characters, ToolCall call, CancellationToken cancellationToken)
    {
        if (!store.IsThere)
        {
            return new InboxRead([], Fresh: true, More: false);
        }

        var read = await (await store.GetAsync()).ReadAsync(floor, limit, characters, call.TurnId, call.IdempotencyKey, cancellationToken);
        foreach (var item in read.Fresh ? read.Items : [])
        {
            news.Delivered(item);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            // The turn may not have waited for this, and ended before anything was read.
            await SettleAsync(call.TurnId);
        }

        return read;
    }

    /// <summary>The turn has ended. Nothing happens if it has not.</summary>
    public async Task SettleAsync(string turnId)
    {
        if (!store.IsThere || !await (await store.GetAsync()).IsReadingAsync(turnId))
        {
            return;
        }

        var turn = await checkpoints.GetTurnAsync(turnId);
        if (turn is { FinishedAt: null })
        {
            return;
        }

        var steps = turn is null ? [] : await TurnSteps.OfAsync(checkpoints, turn.ThreadId, turnId);
        var answered = steps.Where(s => s is { Kind: StepKind.ToolResult, Content: { Status: "ok", CallId: not null } })
            .Select(s => new ToolCall(turn!.ThreadId, turnId, s.Content.CallId!, turn.Origin).IdempotencyKey)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var item in await (await store.GetAsync()).SettleAsync(turnId, answered))
        {
            LogUnread(logger, item.Id, turnId);
            news.Waits(item);
            if (item.Priority == InboxPriority.Now)
            {
                wake();
            }
        }
    }

    /// <summary>What turns of dead processes read.</summary>
    public async Task SettleLeftAsync()
    {
        foreach (var turnId in await (await store.GetAsync()).ReadersAsync())
        {
            await SettleAsync(turnId);
        }
    }

    [LoggerMessage(EventName = "inbox_unread", Level = LogLevel.Warning, Message = "the inbox item {Item} waits again: turn {Turn} took it and ended before its thread held it")]
    private static partial void LogUnread(ILogger log, string item, string turn);
}
