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

    /// <summary>
    /// Turns that wait for a person and turns another process goes on with; forks; summaries. <c>turns</c> is made anew
    /// because a check can't be altered.
    /// </summary>
    private const string Version2 =
        """
        CREATE TABLE turns2 (
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
          request TEXT NOT NULL DEFAULT '{}',
          attended INTEGER NOT NULL DEFAULT 1,
          attempts INTEGER NOT NULL DEFAULT 1,
          resumed_at INTEGER NOT NULL,
          worked_ms INTEGER NOT NULL DEFAULT 0,
          CHECK ((status IN ('running', 'waiting')) = (finished_at IS NULL))
        ) STRICT, WITHOUT ROWID;
        INSERT INTO turns2 (id, thread_id, status, runner, origin, model, started_at, finished_at, input_tokens, output_tokens, error_code, error_message, resumed_at)
          SELECT id, thread_id, status, runner, origin, model, started_at, finished_at, input_tokens, output_tokens, error_code, error_message, started_at FROM turns;
        DROP TABLE turns;
        ALTER TABLE turns2 RENAME TO turns;
        CREATE UNIQUE INDEX turns_open ON turns (thread_id) WHERE finished_at IS NULL;
        CREATE INDEX turns_by_thread ON turns (thread_id, started_at);

        ALTER TABLE threads ADD COLUMN parent_id TEXT;
        ALTER TABLE threads ADD COLUMN parent_step INTEGER;

        -- Of a summary: the last step it stands for.
        ALTER TABLE steps ADD COLUMN through INTEGER;
        CREATE INDEX steps_summaries ON steps (thread_id, seq) WHERE through IS NOT NULL;

        -- What was said to a turn that runs, until its next model call takes it in.
        CREATE TABLE steering (
          turn_id TEXT NOT NULL,
          seq INTEGER NOT NULL,
          content TEXT NOT NULL,
          PRIMARY KEY (turn_id, seq)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE approvals (
          id TEXT NOT NULL PRIMARY KEY,
          thread_id TEXT NOT NULL,
          turn_id TEXT NOT NULL,
          call_id TEXT NOT NULL,
          kind TEXT NOT NULL,
          tool TEXT NOT NULL,
          arguments TEXT NOT NULL,
          question TEXT,
          created_at INTEGER NOT NULL,
          decision TEXT,
          answer TEXT,
          decided_at INTEGER,
          UNIQUE (turn_id, call_id),
          CHECK ((decision IS NULL) = (decided_at IS NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX approvals_open ON approvals (created_at, id) WHERE decided_at IS NULL;
        CREATE INDEX approvals_by_thread ON approvals (thread_id);
        """;

    public static readonly SqliteSchema Schema = new("checkpoints", [Version1, Version2]) { Erases = true };
}
