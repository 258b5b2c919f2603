namespace ProtoAgent.Stores.Sqlite;

/// <summary>
/// How a connection waits for a lock of another process. SQLite's own wait (<c>busy_timeout</c>) looks ever less often, in the
/// end every 100 ms: a sibling that writes again and again, on a disk that takes its time, is not caught between two of its
/// transactions.
/// </summary>
/// <param name="time">Measures the pauses; they may take longer than asked for.</param>
internal sealed class SqliteWait(TimeProvider time, Action<TimeSpan> pause)
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(2);

    private TimeSpan _waited;

    public SqliteWait()
        : this(TimeProvider.System, between => _ = SqliteNative.Sleep((int)between.TotalMilliseconds))
    {
    }

    /// <summary>Waits before the next look; false when it is time to say busy.</summary>
    /// <param name="looks">How many were in vain since this wait began.</param>
    public bool Again(int looks)
    {
        if (looks == 0)
        {
            _waited = TimeSpan.Zero;
        }

        if (_waited >= Limit)
        {
            return false;
        }

        var since = time.GetTimestamp();
        pause(s_between);
        _waited += time.GetElapsedTime(since);
        return true;
    }
}
