using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>The calls of SQLite's C interface that SQLitePCLRaw leaves out.</summary>
internal static unsafe partial class SqliteNative
{
    private const int HasMovedOp = 20; // SQLITE_FCNTL_HAS_MOVED

    /// <summary>
    /// Whether the path no longer names the open file. In WAL mode SQLite never looks: after an <c>rm</c> it would go on
    /// committing into a file nobody can open again.
    /// </summary>
    public static bool HasMoved(sqlite3 db)
    {
        var moved = 0;
        return FileControl(db, "main", HasMovedOp, ref moved) == raw.SQLITE_OK && moved != 0;
    }

    /// <summary>Asks before each further look at a lock. <c>sqlite3_busy_timeout</c> would take its place.</summary>
    /// <param name="wait">Lives as long as the connection.</param>
    public static int OnBusy(sqlite3 db, GCHandle<SqliteWait> wait) => BusyHandler(db, &LookAgain, GCHandle<SqliteWait>.ToIntPtr(wait));

    /// <summary>The <c>errno</c> behind the last I/O or open error.</summary>
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_system_errno")]
    public static partial int SystemErrno(sqlite3 db);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_sleep")]
    public static partial int Sleep(int milliseconds);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(sqlite3 db, string database, int op, ref int value);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_busy_handler")]
    private static partial int BusyHandler(sqlite3 db, delegate* unmanaged[Cdecl]<nint, int, int> handler, nint wait);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int LookAgain(nint wait, int looks) => GCHandle<SqliteWait>.FromIntPtr(wait).Target.Again(looks) ? 1 : 0;
}
