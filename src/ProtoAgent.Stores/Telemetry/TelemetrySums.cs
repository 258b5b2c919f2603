using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Telemetry;

/// <summary>Turns summed up, by SQLite itself: no row of them leaves it.</summary>
internal static class TelemetrySums
{
    private const string Everything = "'total'";
    private const string Day = "date(started_at / 1000, 'unixepoch')";
    private const string Model = "model";

    /// <param name="since">Unix milliseconds.</param>
    public static TelemetrySummary Read(SqliteSession session, long since) => new(
        Groups(session, Everything, "1", since).SingleOrDefault() ?? new TelemetryGroup("total", 0, 0, 0, 0, 0, 0, null, default, default),
        Groups(session, Model, "count(*) DESC, 1", since),
        Groups(session, Day, "1 DESC", since));

    private static List<TelemetryGroup> Groups(SqliteSession session, string by, string order, long since)
    {
        var durations = Quantiles(session, by, "duration_ms", since);
        var firstTokens = Quantiles(session, by, "first_token_ms", since);
        var groups = new List<TelemetryGroup>();
        using var rows = session.Query(
            $"""
            SELECT {by}, count(*), sum(status = 'failed'), sum(tool_calls), sum(tool_errors), sum(coalesce(input_tokens, 0)),
              sum(coalesce(output_tokens, 0)), sum(cost_usd)
            FROM turns WHERE started_at >= ?1 GROUP BY 1 ORDER BY {order}
            """,
            since);
        while (rows.Read())
        {
            var name = rows.Text(0);
            groups.Add(new TelemetryGroup(
                name, rows.Integer(1), rows.Integer(2), rows.Integer(3), rows.Integer(4), rows.Integer(5), rows.Integer(6), rows.IsNull(7) ? null : rows.Real(7),
                durations.GetValueOrDefault(name), firstTokens.GetValueOrDefault(name)));
        }

        return groups;
    }

    /// <summary>By nearest rank: of n in order, the one at n·p rounded up.</summary>
    private static Dictionary<string, Quantiles> Quantiles(SqliteSession session, string by, string column, long since)
    {
        var found = new Dictionary<string, Quantiles>(StringComparer.Ordinal);
        using var rows = session.Query(
            $"""
            SELECT name, max(CASE WHEN rank = (n * 50 + 99) / 100 THEN value END), max(CASE WHEN rank = (n * 95 + 99) / 100 THEN value END)
            FROM (
              SELECT {by} AS name, {column} AS value, row_number() OVER (PARTITION BY {by} ORDER BY {column}) AS rank, count(*) OVER (PARTITION BY {by}) AS n
              FROM turns WHERE started_at >= ?1 AND {column} IS NOT NULL)
            GROUP BY name
            """,
            since);
        while (rows.Read())
        {
            found.Add(rows.Text(0), new Quantiles(TimeSpan.FromMilliseconds(rows.Integer(1)), TimeSpan.FromMilliseconds(rows.Integer(2))));
        }

        return found;
    }
}
