using System.Collections.Concurrent;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores;

/// <summary>What a store's writer has to do and has done, for metrics.</summary>
/// <param name="Waiting">Writes that wait for the next transaction.</param>
/// <param name="Commits">Transactions since it was opened.</param>
public sealed record StoreLoad(string Store, long Waiting, long Commits)
{
    private static readonly ConcurrentDictionary<WriteQueue, string> s_open = new();

    /// <summary>Of every store this process has open now, each named once.</summary>
    public static IReadOnlyList<StoreLoad> All() =>
        [.. s_open.GroupBy(q => q.Value, (store, queues) => new StoreLoad(store, queues.Sum(q => q.Key.Waiting), queues.Sum(q => q.Key.Commits))).OrderBy(l => l.Store, StringComparer.Ordinal)];

    internal static void Opened(WriteQueue queue, string store) => s_open[queue] = store;

    internal static void Closed(WriteQueue queue) => s_open.TryRemove(queue, out _);
}
