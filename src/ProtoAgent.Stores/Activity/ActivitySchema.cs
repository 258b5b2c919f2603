using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Activity;

/// <summary>What the activity's file holds: a row a line. Times are unix milliseconds.</summary>
internal static class ActivitySchema
{
    /// <summary>AUTOINCREMENT: a number is never given twice, not even after everything was deleted, or who reads on from one would miss lines.</summary>
    private const string Version1 =
        """
        CREATE TABLE entries (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          at INTEGER NOT NULL,
          origin TEXT NOT NULL,
          kind TEXT NOT NULL,
          text TEXT NOT NULL,
          thread_id TEXT,
          turn_id TEXT,
          job_id TEXT,
          item_id TEXT,
          unique_key TEXT
        ) STRICT;
        CREATE UNIQUE INDEX entries_by_key ON entries (unique_key) WHERE unique_key IS NOT NULL;
        CREATE INDEX entries_by_time ON entries (at);
        """;

    public static readonly SqliteSchema Schema = new("activity", [Version1]);
}
