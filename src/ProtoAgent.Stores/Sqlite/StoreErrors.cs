using Microsoft.Data.Sqlite;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>SQLite's errors in words that name the file and what to do.</summary>
internal static class StoreErrors
{
    private const int Perm = 3;
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CantOpen = 14;
    private const int NotADatabase = 26;

    public static StoreException From(SqliteException e, string store, string path) => e.SqliteErrorCode switch
    {
        Corrupt or NotADatabase => new StoreException(
            store, "store_corrupt",
            $"{path} is damaged or not a database ({e.Message}). Stop the instance, keep a copy of the file, and restore it from a backup or move it away to begin anew.", e),
        Full => new StoreException(store, "store_full", $"{path} can't grow: the disk is full or a quota is reached. Free space; nothing that was acknowledged is lost.", e),
        ReadOnly or CantOpen or Perm => new StoreException(
            store, "store_read_only", $"{path} can't be written ({e.Message}). Check that the disk is mounted writable and that this user owns the file and its folder.", e),
        Busy or Locked => new StoreException(
            store, "store_locked", $"{path} has been locked by another process for too long. 'protoagent ps' shows who shares it; try again.", e),
        _ => new StoreException(store, "store_failed", $"{path} failed: {e.Message} (SQLite {e.SqliteExtendedErrorCode}). See the disk's health and the system log.", e),
    };

    public static StoreException Newer(string store, string path, long found, int known) => new(
        store, "store_newer", $"{path} has schema version {found} and this program knows up to {known}: a newer ProtoAgent wrote it. Run that version; the file is untouched.");

    public static StoreException Foreign(string store, string path) => new(
        store, "store_foreign",
        $"{path} is a database of another program. It is untouched: move it away, or give this instance an id of its own (PROTOAGENT_INSTANCE).");

    public static StoreException Closed(string store, string path) => new(store, "store_closed", $"{path} is closed: the instance is stopping.");
}
