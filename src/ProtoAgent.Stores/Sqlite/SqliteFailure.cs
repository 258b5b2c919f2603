using SQLitePCL;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>SQLite said no. Never leaves this folder: <see cref="StoreFile.Explain"/> turns it into a <see cref="StoreException"/>.</summary>
/// <param name="code">The extended result code.</param>
/// <param name="errno">What the system call underneath failed with; 0 if none did.</param>
internal sealed class SqliteFailure(int code, int errno, string message) : Exception($"{message} (SQLite {code}, errno {errno})")
{
    /// <summary>The primary result code: <c>SQLITE_FULL</c>, <c>SQLITE_BUSY</c>, …</summary>
    public int Primary { get; } = code & 0xff;

    public int Errno { get; } = errno;

    public bool IsBusy => Primary is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL;

    /// <summary>The connection itself may be stale or poisoned: what comes next deserves a new one.</summary>
    public bool SpoilsSession => Primary is raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_CANTOPEN
        or raw.SQLITE_READONLY or raw.SQLITE_NOMEM or raw.SQLITE_MISUSE;
}
