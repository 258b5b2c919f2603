using ProtoAgent.Instances.Paths;
using SQLitePCL;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>A store's database file: where it lies, how it comes to be, and what its troubles mean to a person.</summary>
internal sealed record StoreFile(string Store, string Path)
{
    private const int Eperm = 1;
    private const int Eacces = 13;
    private const int Enospc = 28;
    private const int Erofs = 30;
    private const int Edquot = 122;
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static StoreFile Of(InstancePaths paths, string store) => new(store, paths.All.Single(p => p.Store == store).Path);

    /// <summary>
    /// Makes the folder (0700) and the empty file (0600) if they are not there; SQLite gives <c>-wal</c> and <c>-shm</c> the
    /// file's own mode. Never opens a file that exists: closing it again would drop every lock this process holds on it.
    /// </summary>
    public void Create()
    {
        AtomicFile.CreateFolder(System.IO.Path.GetDirectoryName(Path)!);
        if (File.Exists(Path))
        {
            return;
        }

        try
        {
            using var made = new FileStream(
                Path, new FileStreamOptions { Mode = System.IO.FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = FileMode });
        }
        catch (IOException) when (File.Exists(Path))
        {
            // A sibling was first.
        }
    }

    /// <summary>The error as the callers of a store know it. What is no trouble of the file passes as it is.</summary>
    public Exception Explain(Exception error) => error switch
    {
        SqliteFailure failure => Explain(failure),
        UnauthorizedAccessException => ReadOnly(error),
        IOException io => Explain(io),
        _ => error,
    };

    public StoreException Foreign() => Fault(
        "store_foreign",
        "holds tables this program did not make, as the Python system's files do. It was left as it is. "
        + "Move it away, or give this instance another id or data home.");

    public StoreException Newer(long found, int known) => Fault(
        "store_newer",
        $"has schema version {found}; this program knows up to {known}. It was left as it is. "
        + "Start the newer program, or restore the backup made before it ran.");

    public StoreException ReadOnly(Exception? error = null) => Fault(
        "store_read_only",
        "can't be opened for writing. Check that it exists and that this user may write the file, its folder and the file system; "
        + "no restart is needed.",
        error);

    public StoreException Moved() => Fault(
        "store_failed",
        "was moved or deleted while it was open. Nothing was written: it would have been lost. "
        + "Put the file back, or restart the instance to begin with an empty one.");

    public StoreException NoWal(string mode) => Fault(
        "store_failed",
        $"can't use a write-ahead log here (SQLite answered '{mode}'), which its file system must allow. Move the data home to a local disk.");

    public StoreException Busy() => Fault(
        "store_locked", "is open in another process, so it was left where it is. Close what holds it (a backup, a database browser) and start the instance again.");

    public StoreException Closed() => new(Store, "store_closed", $"The store '{Store}' ({Path}) is closed: the instance is shutting down.");

    private StoreException Explain(SqliteFailure failure) => failure.Primary switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => Fault(
            "store_corrupt",
            "is damaged or no SQLite database. Nothing was changed. Stop the instance and restore a backup, or move the file with its "
            + "-wal and -shm away to begin with an empty one ('sqlite3 <file> .recover' may save what is left).",
            failure),
        raw.SQLITE_FULL => Full(failure),
        raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN when failure.Errno is Enospc or Edquot => Full(failure),
        raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => ReadOnly(failure),
        raw.SQLITE_IOERR when failure.Errno is Eperm or Eacces or Erofs => ReadOnly(failure),
        raw.SQLITE_IOERR => Fault(
            "store_failed", "can't be read or written: the disk reports an error. Check the disk and the system log; no restart is needed.", failure),
        _ when failure.IsBusy => Fault(
            "store_locked",
            $"has been locked by another process for {SqliteWait.Limit.TotalSeconds:0} s. Nothing was written. "
            + "Close what holds it (a backup, a database browser) and try again.",
            failure),
        _ => Fault("store_failed", "refused an operation. The log has the details.", failure),
    };

    private StoreException Explain(IOException error) =>
        error.HResult is Enospc or Edquot ? Full(error)
        : error.HResult is Erofs ? ReadOnly(error)
        : Fault("store_failed", $"can't be created: {error.Message}", error);

    private StoreException Full(Exception error) => Fault(
        "store_full", "can't grow: the disk or the quota is full. Nothing was written. Free some space and try again; no restart is needed.", error);

    private StoreException Fault(string code, string what, Exception? inner = null) =>
        new(Store, code, $"The file {Path} of the store '{Store}' {what}", inner);
}
