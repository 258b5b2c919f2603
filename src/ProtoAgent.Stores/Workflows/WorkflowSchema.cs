using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Workflows;

/// <summary>What <c>workflow-runs.db</c> holds. Times are unix milliseconds; ids and names are text.</summary>
internal static class WorkflowSchema
{
    /// <summary>What asks twice under one key has one run, and a gate is asked once: the database itself holds both, across processes.</summary>
    private const string Version1 =
        """
        CREATE TABLE runs (
          id TEXT NOT NULL PRIMARY KEY,
          key TEXT UNIQUE,
          workflow TEXT NOT NULL,
          recipe TEXT NOT NULL,
          inputs TEXT NOT NULL,
          origin TEXT NOT NULL,
          parent_turn TEXT,
          status TEXT NOT NULL,
          runner TEXT NOT NULL,
          fence INTEGER NOT NULL,
          version INTEGER NOT NULL,
          cancel_requested INTEGER NOT NULL DEFAULT 0,
          started_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          finished_at INTEGER,
          output TEXT,
          error_code TEXT,
          error_message TEXT,
          CHECK ((status IN ('running', 'waiting')) = (finished_at IS NULL))
        ) STRICT;
        CREATE INDEX runs_open ON runs (started_at, id) WHERE finished_at IS NULL;
        CREATE INDEX runs_ended ON runs (finished_at, id) WHERE finished_at IS NOT NULL;
        CREATE INDEX runs_by_start ON runs (started_at, id);

        CREATE TABLE steps (
          run_id TEXT NOT NULL,
          seq INTEGER NOT NULL,
          id TEXT NOT NULL,
          status TEXT NOT NULL,
          attempt INTEGER NOT NULL DEFAULT 0,
          started_at INTEGER,
          finished_at INTEGER,
          not_before INTEGER,
          output TEXT,
          external INTEGER NOT NULL DEFAULT 0,
          error_code TEXT,
          error_message TEXT,
          PRIMARY KEY (run_id, seq),
          UNIQUE (run_id, id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE gates (
          id TEXT NOT NULL PRIMARY KEY,
          run_id TEXT NOT NULL,
          step_id TEXT NOT NULL,
          question TEXT NOT NULL,
          prompt TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          decision TEXT,
          answer TEXT,
          decided_at INTEGER,
          UNIQUE (run_id, step_id),
          CHECK ((decision IS NULL) = (decided_at IS NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX gates_open ON gates (created_at, id) WHERE decided_at IS NULL;
        """;

    public static readonly SqliteSchema Schema = new("workflow_runs", [Version1]);
}
