using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using SQLitePCL;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>One connection and its prepared statements. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int NoMutex = 0x8000; // One thread at a time is our rule already.
    private const int ExtendedCodes = 0x02000000;
    private const int Persistent = 1;

    private readonly sqlite3 _db;
    private GCHandle<SqliteWait> _wait; // Not readonly: it knows when it is freed.
    private readonly Dictionary<string, sqlite3_stmt> _statements = new(StringComparer.Ordinal);

    static SqliteSession() => Batteries_V2.Init();

    private SqliteSession(sqlite3 db, SqliteWait wait)
    {
        _db = db;
        _wait = new GCHandle<SqliteWait>(wait);
    }

    /// <summary>False between transactions; and after an error that made SQLite roll back the whole transaction.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_db) == 0;

    public bool HasMoved => SqliteNative.HasMoved(_db);

    /// <summary>SQLite falls back to reading, without a word, where it may not write.</summary>
    public bool IsReadOnly => raw.sqlite3_db_readonly(_db, "main") == 1;

    /// <summary>Opens a file that exists. How to wait is set before anything is asked of it.</summary>
    /// <exception cref="SqliteFailure">It can't be opened.</exception>
    public static SqliteSession Open(string path, bool readOnly = false, SqliteWait? wait = null) =>
        Open(path, readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE, wait ?? new SqliteWait());

    /// <summary>
    /// Opens the main file alone, as if it never changed: no locks, no <c>-wal</c>, no <c>-shm</c>. For a look at a file that
    /// may not be ours, which must not change it.
    /// </summary>
    public static SqliteSession OpenUntouched(string path)
    {
        var escaped = path.Replace("%", "%25", StringComparison.Ordinal).Replace("?", "%3f", StringComparison.Ordinal)
            .Replace("#", "%23", StringComparison.Ordinal);
        return Open($"file:{escaped}?immutable=1", raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI, new SqliteWait());
    }

    /// <summary>Runs statements as they are, unprepared: for pragmas and scripts.</summary>
    public void Run(string sql) => Check(raw.sqlite3_exec(_db, sql));

    /// <summary>Runs one statement, prepared once per session, and returns how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        using var rows = Query(sql, values);
        while (rows.Read())
        {
        }

        return raw.sqlite3_changes(_db);
    }

    /// <summary>Starts one statement, prepared once per session. It can't be started again before its rows are disposed.</summary>
    public SqliteRows Query(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            Check(raw.sqlite3_prepare_v3(_db, sql, Persistent, out statement));
            _statements.Add(sql, statement);
        }

        if (raw.sqlite3_stmt_busy(statement) != 0)
        {
            throw new InvalidOperationException($"The rows of this statement are still open: {sql}");
        }

        for (var i = 0; i < values.Length; i++)
        {
            Check(Bind(statement, i + 1, values[i]));
        }

        return new SqliteRows(this, statement);
    }

    /// <summary>The integer of a query's first row; null if there is no row or it is NULL.</summary>
    public long? Integer(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        using var rows = Query(sql, values);
        return rows.Read() ? rows.IntegerOrNull(0) : null;
    }

    /// <summary>Whether the last close of the file writes the WAL back into it.</summary>
    public void CheckpointOnClose(bool on) =>
        Check(raw.sqlite3_db_config(_db, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, out _));

    /// <summary>Writes the WAL back and empties it, without waiting for anybody.</summary>
    public void TruncateWal()
    {
        _ = raw.sqlite3_busy_timeout(_db, 0);
        _ = raw.sqlite3_wal_checkpoint_v2(_db, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
    }

    [DoesNotReturn]
    public void Throw(int code) => throw new SqliteFailure(code, SqliteNative.SystemErrno(_db), raw.sqlite3_errmsg(_db).utf8_to_string());

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _db.Dispose();
        _wait.Dispose();
    }

    private static SqliteSession Open(string name, int flags, SqliteWait wait)
    {
        var code = raw.sqlite3_open_v2(name, out var db, flags | NoMutex | ExtendedCodes, null);
        var session = new SqliteSession(db, wait);
        try
        {
            session.Check(code);
            session.Check(SqliteNative.OnBusy(db, session._wait));
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static int Bind(sqlite3_stmt statement, int index, SqliteValue value) => value.Kind switch
    {
        SqliteValueKind.Integer => raw.sqlite3_bind_int64(statement, index, value.Bits),
        SqliteValueKind.Real => raw.sqlite3_bind_double(statement, index, BitConverter.Int64BitsToDouble(value.Bits)),
        SqliteValueKind.Text => BindText(statement, index, value.Text!),
        SqliteValueKind.Blob when value.Blob.Length == 0 => raw.sqlite3_bind_zeroblob(statement, index, 0),
        SqliteValueKind.Blob => raw.sqlite3_bind_blob(statement, index, value.Blob.Span),
        _ => raw.sqlite3_bind_null(statement, index),
    };

    /// <summary>Bound by length, so that a NUL in the text does not cut it.</summary>
    private static int BindText(sqlite3_stmt statement, int index, string text)
    {
        if (text.Length == 0)
        {
            // An empty span has no address, and no address would mean NULL.
            return raw.sqlite3_bind_text(statement, index, text);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            return raw.sqlite3_bind_text(statement, index, buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            Throw(code);
        }
    }
}
