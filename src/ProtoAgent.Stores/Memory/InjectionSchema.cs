using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Memory;

/// <summary>What <c>memory-injections.db</c> holds: a row a turn. Times are unix milliseconds.</summary>
internal static class InjectionSchema
{
    private const string Version1 =
        """
        CREATE TABLE injections (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          turn_id TEXT NOT NULL UNIQUE,
          session_id TEXT NOT NULL,
          at INTEGER NOT NULL,
          characters INTEGER NOT NULL,
          items TEXT NOT NULL
        ) STRICT;
        CREATE INDEX injections_by_session ON injections (session_id, seq);
        CREATE INDEX injections_by_time ON injections (at);
        """;

    public static readonly SqliteSchema Schema = new("memory_injections", [Version1]);
}
