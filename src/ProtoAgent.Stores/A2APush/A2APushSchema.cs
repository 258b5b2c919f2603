using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.A2APush;

/// <summary>What <c>a2a-push.db</c> holds. Times are unix milliseconds. The JSON of a config holds secrets of whoever gave it.</summary>
internal static class A2APushSchema
{
    /// <summary>AUTOINCREMENT: what is told later has the greater number, also when all that was told before is gone.</summary>
    private const string Version1 =
        """
        CREATE TABLE configs (
          task_id TEXT NOT NULL,
          id TEXT NOT NULL,
          json TEXT NOT NULL,
          ended INTEGER NOT NULL CHECK (ended IN (0, 1)),
          created_at INTEGER NOT NULL,
          PRIMARY KEY (task_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX configs_open ON configs (task_id) WHERE ended = 0;
        CREATE INDEX configs_by_time ON configs (created_at);

        CREATE TABLE outbox (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          task_id TEXT NOT NULL,
          config_id TEXT NOT NULL,
          body TEXT NOT NULL,
          is_end INTEGER NOT NULL CHECK (is_end IN (0, 1))
        ) STRICT;
        CREATE INDEX outbox_by_config ON outbox (task_id, config_id, seq);
        """;

    public static readonly SqliteSchema Schema = new("a2a_push", [Version1]);
}
