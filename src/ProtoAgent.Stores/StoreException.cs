namespace ProtoAgent.Stores;

/// <summary>
/// A store can't do what was asked: corrupt, full, read-only, locked, newer than this program. The message names the file
/// and what to do; other stores go on.
/// </summary>
/// <param name="store">The store's name as in the path table.</param>
/// <param name="code">Stable, snake_case: <c>store_corrupt</c>, <c>store_full</c>, <c>store_read_only</c>, <c>store_newer</c>, <c>store_foreign</c>, <c>store_locked</c>, <c>store_closed</c>, <c>store_failed</c>.</param>
public sealed class StoreException(string store, string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Store { get; } = store;

    public string Code { get; } = code;
}
