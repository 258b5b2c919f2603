using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Checkpoints;

/// <summary><c>checkpoints.db</c>. Times are Unix milliseconds, UTC; kinds and statuses are names in snake_case.</summary>
internal static class CheckpointSchema
{
    public static StoreSchema Current { get; } = new(
        "checkpoints",
        [
            """
            CREATE TABLE threads (
                id TEXT PRIMARY KEY NOT NULL,
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                head INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX threads_by_update ON threads (updated_at, id);

            CREATE TABLE turns (
                id TEXT PRIMARY KEY NOT NULL,
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
                error_message TEXT
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX turns_by_thread ON turns (thread_id, started_at);
            -- One running turn a thread, whichever process runs it; and what is unfinished is found without a scan.
            CREATE UNIQUE INDEX running_turns ON turns (thread_id) WHERE status = 'running';

            CREATE TABLE steps (
                thread_id TEXT NOT NULL,
                seq INTEGER NOT NULL,
                turn_id TEXT NOT NULL,
                kind TEXT NOT NULL,
                at INTEGER NOT NULL,
                content TEXT NOT NULL
            ) STRICT;
            CREATE UNIQUE INDEX steps_by_thread ON steps (thread_id, seq);
            """,
        ]);
}
