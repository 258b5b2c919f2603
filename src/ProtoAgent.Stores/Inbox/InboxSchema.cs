using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Inbox;

/// <summary>What the inbox's file holds: a row an item. Times are unix milliseconds; the priority is a number, so that it sorts.</summary>
internal static class InboxSchema
{
    /// <summary>
    /// What waits and what is over lie in indexes of their own: asking what waits never walks the past. <c>ended_at</c> is when
    /// an item was delivered or expired; it stands in <c>items_open</c>, always NULL, because counting would else look up each
    /// row to see that. <c>due_at</c>: not to be claimed before. <c>call_key</c>: the call that read it; <c>reading</c> is 1 until it
    /// is known whether that call's answer is in its thread. The three columns of a storm are set on its notice alone.
    /// </summary>
    private const string Version1 =
        """
        CREATE TABLE items (
          seq INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          text TEXT NOT NULL,
          priority INTEGER NOT NULL,
          source TEXT NOT NULL,
          dedup_key TEXT,
          created_at INTEGER NOT NULL,
          status TEXT NOT NULL,
          claimed_by TEXT,
          claimed_at INTEGER,
          fence INTEGER NOT NULL DEFAULT 0,
          ended_at INTEGER,
          turn_id TEXT,
          attempts INTEGER NOT NULL DEFAULT 0,
          last_error TEXT,
          due_at INTEGER,
          call_key TEXT,
          reading INTEGER NOT NULL DEFAULT 0,
          storm_of TEXT,
          storm_at INTEGER,
          refused INTEGER NOT NULL DEFAULT 0,
          CHECK ((status IN ('pending', 'claimed')) = (ended_at IS NULL)),
          CHECK (reading = 0 OR (status = 'delivered' AND turn_id IS NOT NULL AND call_key IS NOT NULL)),
          CHECK (status <> 'claimed' OR (claimed_by IS NOT NULL AND claimed_at IS NOT NULL))
        ) STRICT;
        CREATE INDEX items_open ON items (priority, seq, status, claimed_by, ended_at) WHERE ended_at IS NULL;
        CREATE INDEX items_claimed ON items (claimed_by) WHERE status = 'claimed';
        CREATE INDEX items_ended ON items (ended_at, seq) WHERE ended_at IS NOT NULL;
        CREATE INDEX items_reading ON items (turn_id, seq) WHERE reading = 1;
        CREATE INDEX items_by_key ON items (dedup_key, created_at) WHERE dedup_key IS NOT NULL;
        CREATE INDEX items_by_source ON items (source, created_at);
        CREATE INDEX items_storms ON items (storm_of, storm_at) WHERE storm_of IS NOT NULL;
        """;

    public static readonly SqliteSchema Schema = new("inbox", [Version1]);
}
