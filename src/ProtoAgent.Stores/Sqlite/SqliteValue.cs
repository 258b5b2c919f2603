namespace ProtoAgent.Stores.Sqlite;

/// <summary>A value bound to <c>?1</c>, <c>?2</c>, …: NULL, INTEGER, REAL, TEXT or BLOB, without boxing.</summary>
internal readonly struct SqliteValue
{
    private SqliteValue(SqliteValueKind kind, long bits = 0, string? text = null, ReadOnlyMemory<byte> blob = default)
    {
        Kind = kind;
        Bits = bits;
        Text = text;
        Blob = blob;
    }

    public SqliteValueKind Kind { get; }

    /// <summary>The integer, or the bits of the real.</summary>
    public long Bits { get; }

    public string? Text { get; }

    public ReadOnlyMemory<byte> Blob { get; }

    public static implicit operator SqliteValue(long value) => new(SqliteValueKind.Integer, value);

    public static implicit operator SqliteValue(long? value) => value is { } v ? v : default(SqliteValue);

    public static implicit operator SqliteValue(double value) => new(SqliteValueKind.Real, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator SqliteValue(string? value) => value is null ? default : new(SqliteValueKind.Text, text: value);

    public static implicit operator SqliteValue(ReadOnlyMemory<byte> value) => new(SqliteValueKind.Blob, blob: value);
}

internal enum SqliteValueKind
{
    Null,
    Integer,
    Real,
    Text,
    Blob,
}
