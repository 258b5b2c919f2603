using System.Text;
using SQLitePCL;

namespace ProtoAgent.Stores.Sqlite;

/// <summary>The answer of a query, row by row. Disposing gives the prepared statement back for the next use.</summary>
internal readonly ref struct SqliteRows(SqliteSession session, sqlite3_stmt statement)
{
    /// <summary>Goes to the next row; false when there is none.</summary>
    public bool Read()
    {
        var code = raw.sqlite3_step(statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            session.Throw(code);
        }

        return code == raw.SQLITE_ROW;
    }

    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    public long? IntegerOrNull(int column) => IsNull(column) ? null : Integer(column);

    public double Real(int column) => raw.sqlite3_column_double(statement, column);

    /// <summary>Read by length, not up to a NUL: text may hold one.</summary>
    public string Text(int column) => Encoding.UTF8.GetString(Blob(column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public void Dispose()
    {
        // Their result repeats the error of the step, which has been thrown already.
        _ = raw.sqlite3_reset(statement);
        _ = raw.sqlite3_clear_bindings(statement);
    }
}
