using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.A2ATasks;

/// <summary>What <c>a2a-tasks.db</c> holds. Times are unix milliseconds; ids, names and JSON are text.</summary>
internal static class A2ATaskSchema
{
    /// <summary>What is sent again has one task, and a task keeps a message once: the database itself holds both.</summary>
    private const string Version1 =
        """
        CREATE TABLE tasks (
          id TEXT NOT NULL PRIMARY KEY,
          key TEXT NOT NULL UNIQUE,
          context_id TEXT NOT NULL,
          state TEXT NOT NULL,
          ended INTEGER NOT NULL CHECK (ended IN (0, 1)),
          prompt TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          status_at INTEGER NOT NULL,
          status_message TEXT,
          artifacts TEXT,
          metadata TEXT
        ) STRICT;
        CREATE INDEX tasks_open ON tasks (created_at, id) WHERE ended = 0;
        CREATE INDEX tasks_ended ON tasks (status_at, id) WHERE ended = 1;
        CREATE INDEX tasks_by_status ON tasks (status_at, id);
        CREATE INDEX tasks_by_context ON tasks (context_id, status_at, id);
        CREATE INDEX tasks_by_state ON tasks (state, status_at, id);

        CREATE TABLE messages (
          task_id TEXT NOT NULL,
          seq INTEGER NOT NULL,
          key TEXT NOT NULL,
          json TEXT NOT NULL,
          PRIMARY KEY (task_id, seq),
          UNIQUE (task_id, key)
        ) STRICT, WITHOUT ROWID;
        """;

    public static readonly SqliteSchema Schema = new("a2a_tasks", [Version1]);
}
