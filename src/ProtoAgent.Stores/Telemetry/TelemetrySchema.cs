using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Telemetry;

/// <summary>What <c>telemetry.db</c> holds: a row a turn. Times are unix milliseconds.</summary>
internal static class TelemetrySchema
{
    private const string Version1 =
        """
        CREATE TABLE turns (
          turn_id TEXT NOT NULL PRIMARY KEY,
          thread_id TEXT NOT NULL,
          origin TEXT NOT NULL,
          model TEXT NOT NULL,
          status TEXT NOT NULL,
          error_code TEXT,
          started_at INTEGER NOT NULL,
          duration_ms INTEGER NOT NULL,
          first_token_ms INTEGER,
          rounds INTEGER NOT NULL,
          tool_calls INTEGER NOT NULL,
          tool_errors INTEGER NOT NULL,
          input_tokens INTEGER,
          output_tokens INTEGER,
          cost_usd REAL,
          fallbacks INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX turns_by_start ON turns (started_at, turn_id);
        """;

    public static readonly SqliteSchema Schema = new("telemetry", [Version1]);
}
