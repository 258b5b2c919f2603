using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Inbox;

namespace ProtoAgent.Agent.Inbox;

/// <summary>What becomes of a <c>now</c> item when its turn has ended: delivered, tried again later, or given up.</summary>
internal sealed partial class InboxSigning(
    LateStore<InboxStore> store, ActivityLog activity, InboxNews news, InboxOptions options, ILogger logger)
{
    /// <summary>After a trouble that is not the item's.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    /// <exception cref="StoreException">It is not written; say it again.</exception>
    public async Task SignAsync(InboxItem item, string turnId, TurnOutcome outcome)
    {
        var inbox = await store.GetAsync();
        var why = outcome.ErrorMessage ?? outcome.ErrorCode ?? StoredNames.Of(outcome.Status);
        try
        {
            switch (outcome)
            {
                case { Status: TurnStatus.Done }:
                    await TellAsync(item, turnId, outcome.ThreadId, "inbox_delivered", outcome.Reply ?? "", $"item:{item.Id}");
                    news.Delivered(await inbox.DeliverAsync(item.Id, item.Fence, turnId));
                    break;
                case { ErrorCode: { } code } when code == "thread_busy" || code.StartsWith("store_", StringComparison.Ordinal):
                    news.Waits(await inbox.ReleaseAsync(item.Id, item.Fence, why, failed: false, s_pause));
                    break;
                case { Status: TurnStatus.Cancelled }:
                    await ExpireAsync(inbox, item, turnId, outcome, "Its turn was cancelled.");
                    break;
                case { ErrorCode: "turn_crashes" }:
                    await ExpireAsync(inbox, item, turnId, outcome, why);
                    break;
                case var _ when item.Attempts + 1 >= options.MostAttempts:
                    await ExpireAsync(inbox, item, turnId, outcome, $"{item.Attempts + 1} turns failed, the last one so: {why}");
                    break;
                default:
                    news.Waits(await inbox.ReleaseAsync(item.Id, item.Fence, why, failed: true, options.PauseAfter(item.Attempts + 1)));
                    LogAgain(logger, item.Id, turnId, options.PauseAfter(item.Attempts + 1).TotalSeconds, why);
                    break;
            }
        }
        catch (StaleClaimException e)
        {
            LogStale(logger, item.Id, e.Message);
        }
    }

    private async Task ExpireAsync(InboxStore inbox, InboxItem item, string turnId, TurnOutcome outcome, string why)
    {
        await TellAsync(item, turnId, outcome.ThreadId, "inbox_expired", why, $"item:{item.Id}/expired");
        news.Expired(await inbox.ExpireAsync(item.Id, item.Fence, why));
        LogExpired(logger, item.Id, why);
    }

    /// <summary>Before it is signed for: a crash between the two writes the line once all the same. Without its line it still is dealt with.</summary>
    private async Task TellAsync(InboxItem item, string turnId, string? threadId, string kind, string text, string key)
    {
        try
        {
            await activity.RecordAsync(new NewActivity(ActivityOrigin.Inbox, kind, text)
            {
                ThreadId = threadId ?? ActivityLog.ThreadId, TurnId = turnId, ItemId = item.Id, UniqueKey = key,
            });
        }
        catch (StoreException e)
        {
            LogUntold(logger, item.Id, e.Message);
        }
    }

    [LoggerMessage(EventName = "inbox_again", Level = LogLevel.Warning, Message = "the inbox item {Item} is tried again in {Seconds} s: its turn {Turn} failed: {Reason}")]
    private static partial void LogAgain(ILogger log, string item, string turn, double seconds, string reason);

    [LoggerMessage(EventName = "inbox_expired", Level = LogLevel.Warning, Message = "the inbox item {Item} is given up: {Reason}")]
    private static partial void LogExpired(ILogger log, string item, string reason);

    [LoggerMessage(EventName = "inbox_stale", Level = LogLevel.Information, Message = "the inbox item {Item} was dealt with while its turn ran: {Reason}")]
    private static partial void LogStale(ILogger log, string item, string reason);

    [LoggerMessage(EventName = "inbox_untold", Level = LogLevel.Warning, Message = "the activity misses the inbox item {Item}: {Reason}")]
    private static partial void LogUntold(ILogger log, string item, string reason);
}
