using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Jobs;

/// <summary>What <c>jobs.db</c> holds. Times are unix milliseconds; ids and names are text.</summary>
internal static class JobSchema
{
    /// <summary>
    /// One row per (job, due time), and a next fire for the active and for nobody else: the database itself holds both,
    /// across processes. A run's job is no foreign key: a run goes on when its job is deleted.
    /// </summary>
    private const string Version1 =
        """
        CREATE TABLE jobs (
          id TEXT NOT NULL PRIMARY KEY,
          prompt TEXT NOT NULL,
          schedule TEXT NOT NULL,
          timezone TEXT NOT NULL,
          session_id TEXT,
          -- Of those four: what makes two jobs the same.
          same TEXT NOT NULL,
          policy TEXT NOT NULL,
          anchor INTEGER NOT NULL,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          version INTEGER NOT NULL,
          state TEXT NOT NULL,
          reason TEXT,
          next_fire INTEGER,
          last_fire INTEGER,
          last_status TEXT,
          runs INTEGER NOT NULL,
          failures INTEGER NOT NULL,
          CHECK ((state = 'active') = (next_fire IS NOT NULL))
        ) STRICT;
        CREATE INDEX jobs_due ON jobs (next_fire, id) WHERE next_fire IS NOT NULL;
        CREATE UNIQUE INDEX jobs_same ON jobs (same) WHERE state <> 'ended';
        CREATE INDEX jobs_ended ON jobs (updated_at) WHERE state = 'ended';
        CREATE INDEX jobs_by_creation ON jobs (created_at, id);

        CREATE TABLE runs (
          job_id TEXT NOT NULL,
          due_at INTEGER NOT NULL,
          id TEXT NOT NULL UNIQUE,
          status TEXT NOT NULL,
          reason TEXT,
          fence INTEGER NOT NULL,
          runner TEXT,
          turn_id TEXT,
          attempt INTEGER NOT NULL,
          crashes INTEGER NOT NULL DEFAULT 0,
          claimed_at INTEGER,
          started_at INTEGER,
          finished_at INTEGER,
          not_before INTEGER,
          error TEXT,
          job_deleted INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY (job_id, due_at),
          CHECK ((status IN ('claimed', 'running')) = (finished_at IS NULL)),
          CHECK (not_before IS NULL OR status = 'failed')
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX runs_open ON runs (claimed_at) WHERE finished_at IS NULL;
        CREATE INDEX runs_open_of_job ON runs (job_id) WHERE finished_at IS NULL;
        CREATE INDEX runs_retry ON runs (not_before) WHERE not_before IS NOT NULL;
        CREATE INDEX runs_retry_of_job ON runs (job_id) WHERE not_before IS NOT NULL;
        CREATE INDEX runs_ended ON runs (finished_at) WHERE finished_at IS NOT NULL AND not_before IS NULL;

        -- The last fence given out; and how many jobs there are, without walking them.
        CREATE TABLE totals (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO totals VALUES ('fence', 0), ('jobs', 0);
        CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN
          UPDATE totals SET value = value + 1 WHERE name = 'jobs';
        END;
        CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN
          UPDATE totals SET value = value - 1 WHERE name = 'jobs';
        END;
        """;

    public static readonly SqliteSchema Schema = new("jobs", [Version1]);
}
