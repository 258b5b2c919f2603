using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary>What <c>checkpoints.db</c> holds. Times are unix milliseconds; ids and names are text.</summary>
internal static class CheckpointSchema
{
    /// <summary>The reason a second running turn can't be: the database itself holds it, across processes.</summary>
    private const string Version1 =
        """
        CREATE TABLE threads (
          id TEXT NOT NULL PRIMARY KEY,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          head INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX threads_by_update ON threads (updated_at, id);

        CREATE TABLE turns (
          id TEXT NOT NULL PRIMARY KEY,
          thread_id TEXT NOT NULL,
          status TEXT NOT NULL,
          runner TEXT NOT NULL,
          origin TEXT NOT NULL,
          model TEXT NOT NULL,
          started_at INTEGER NOT NULL,
          finished_at INTEGER,
          input_tokens INTEGER,
          output_tokens INTEGER,
          error_code TEXT,
          error_message TEXT,
          CHECK ((status = 'running') = (finished_at IS NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX turns_running ON turns (thread_id) WHERE status = 'running';
        CREATE INDEX turns_by_thread ON turns (thread_id, started_at);

        CREATE TABLE steps (
          thread_id TEXT NOT NULL,
          seq INTEGER NOT NULL,
          turn_id TEXT NOT NULL,
          kind TEXT NOT NULL,
          at INTEGER NOT NULL,
          content TEXT NOT NULL,
          PRIMARY KEY (thread_id, seq)
        ) STRICT, WITHOUT ROWID;

        -- How many threads there are, without walking them.
        CREATE TABLE totals (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO totals VALUES ('threads', 0);
        CREATE TRIGGER threads_added AFTER INSERT ON threads BEGIN
          UPDATE totals SET value = value + 1 WHERE name = 'threads';
        END;
        CREATE TRIGGER threads_removed AFTER DELETE ON threads BEGIN
          UPDATE totals SET value = value - 1 WHERE name = 'threads';
        END;
        """;

    public static readonly SqliteSchema Schema = new("checkpoints", [Version1]);
}
