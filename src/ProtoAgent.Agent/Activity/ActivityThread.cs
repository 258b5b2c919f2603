using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Activity;

/// <summary>Where a turn goes that no conversation asked for.</summary>
internal static class ActivityThread
{
    /// <summary>
    /// Tokens a turn there is told of those before it. They have little to do with each other, and thousands of them would be
    /// sent along with each.
    /// </summary>
    public const int HistoryTokens = 8_000;

    /// <summary>
    /// The activity thread. While a turn waits there for a person, maybe for a weekend, a thread beside it: nothing else that
    /// is done unasked is to be held up by that.
    /// </summary>
    /// <param name="apart">It is not to wait for a turn that runs there either.</param>
    public static async Task<string> ForAsync(ICheckpointStore checkpoints, string turnId, bool apart, CancellationToken cancelled) =>
        await checkpoints.GetOpenTurnAsync(ActivityLog.ThreadId, cancelled) is { } open && open.Id != turnId && (apart || open.Status == TurnStatus.Waiting)
            ? $"{ActivityLog.ThreadId}:{turnId}"
            : ActivityLog.ThreadId;
}
