using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace ProtoAgent.Bench;

/// <summary>An instance with many jobs, none of them due for years, beside one with none.</summary>
internal static class StoredJobs
{
    private const int Jobs = 100_000;
    private const int Starts = 21;
    private const int Lookups = 2001;

    private static readonly DateTimeOffset s_far = new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(30);

    /// <param name="agent">Starts an instance of that name, with so many turns of jobs at once.</param>
    public static async Task RunAsync(string homes, Func<string, int, Subject> agent)
    {
        await FillAsync(homes, agent, "none", 0);
        await FillAsync(homes, agent, "many", Jobs);
        var (none, many) = (new Start(homes, agent, "none"), new Start(homes, agent, "many"));
        for (var i = 0; i < Starts; i++)
        {
            // In turns, so that whatever else the machine does hits both.
            await none.MeasureAsync();
            await many.MeasureAsync();
        }

        Console.WriteLine($"\n{Jobs} jobs stored, beside none; {Starts} starts each, and a job that is due when they come.\n");
        Table.Head("no jobs", $"{Jobs} jobs");
        Table.Row("start → first 200, median, ms", Table.At(none.FirstAnswers, 0.5), Table.At(many.FirstAnswers, 0.5));
        Table.Row("start → jobs can be read and changed, median, ms", Table.At(none.Opened, 0.5), Table.At(many.Opened, 0.5));
        Table.Row("start → the due job is claimed, median, ms", Table.At(none.Claimed, 0.5), Table.At(many.Claimed, 0.5));
        Table.Row("when something is due next, median, µs", Lookup(homes, "none"), Lookup(homes, "many"));
        using var one = agent("none", 16);
        using var other = agent("many", 16);
        await Task.Delay(TimeSpan.FromSeconds(5));
        Table.Row("PSS idle, MB", one.Memory(), other.Memory());
        var (oneBefore, otherBefore) = (one.WakeUps(), other.WakeUps());
        await Task.Delay(s_idle);
        Table.Row("wake-ups a minute, idle", (one.WakeUps() - oneBefore) * (60 / s_idle.TotalSeconds), (other.WakeUps() - otherBefore) * (60 / s_idle.TotalSeconds));
    }

    /// <summary>The first job is the program's own work, so that the others are as it would write them.</summary>
    private static async Task FillAsync(string homes, Func<string, int, Subject> agent, string instance, int jobs)
    {
        using (var filling = agent(instance, 16))
        {
            using var http = ScheduleCost.Client(filling);
            await ScheduleCost.AddAsync(http, "template", s_far, "far");
        }

        await using var ledger = await OpenAsync(homes, instance);
        await ExecuteAsync(
            ledger,
            $"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {jobs})
            INSERT INTO jobs (id, prompt, schedule, timezone, session_id, same, policy, anchor, created_at, updated_at, version, state, next_fire, runs, failures)
            SELECT 'job-' || i, prompt, schedule, timezone, 'far-' || i, same || i, policy, anchor, created_at + i, updated_at, version, state, next_fire + i * 1000, runs, failures
            FROM n, jobs WHERE {jobs} > 0 AND id = 'template';
            DELETE FROM jobs WHERE id = 'template' AND {jobs} = 0;
            """);
    }

    private static double Lookup(string homes, string instance)
    {
        using var ledger = new SqliteConnection(ScheduleCost.Ledger(homes, instance));
        ledger.Open();
        using var ask = ledger.CreateCommand();

        // What the store asks each time before it sleeps.
        ask.CommandText = "SELECT MIN(next_fire) FROM jobs WHERE next_fire IS NOT NULL";
        var times = new List<double>();
        for (var i = 0; i < Lookups; i++)
        {
            var clock = Stopwatch.GetTimestamp();
            ask.ExecuteScalar();
            times.Add(Stopwatch.GetElapsedTime(clock).TotalMicroseconds);
        }

        return Table.At(times, 0.5);
    }

    private static async Task<SqliteConnection> OpenAsync(string homes, string instance)
    {
        var ledger = new SqliteConnection(ScheduleCost.Ledger(homes, instance));
        await ledger.OpenAsync();
        return ledger;
    }

    private static async Task ExecuteAsync(SqliteConnection ledger, string sql)
    {
        await using var command = ledger.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Start(string homes, Func<string, int, Subject> agent, string instance)
    {
        public List<double> FirstAnswers { get; } = [];

        public List<double> Opened { get; } = [];

        /// <summary>By the ledger's own clock.</summary>
        public List<double> Claimed { get; } = [];

        public async Task MeasureAsync()
        {
            await using var ledger = await OpenAsync(homes, instance);
            var due = ScheduleCost.In(TimeSpan.Zero);
            var (at, text) = (due.ToUnixTimeMilliseconds(), ScheduleCost.Written(due));
            await ExecuteAsync(
                ledger,
                $$"""
                DELETE FROM jobs WHERE id LIKE 'due-%';
                INSERT INTO jobs (id, prompt, schedule, timezone, session_id, same, policy, anchor, created_at, updated_at, version, state, next_fire, runs, failures)
                VALUES ('due-{{at}}', 'work', '{{text}}', 'UTC', 'due', 'due-{{at}}', '{}', {{at}}, {{at}}, {{at}}, 1, 'active', {{at}}, 0, 0);
                """);
            using var subject = agent(instance, 16);
            FirstAnswers.Add(subject.FirstAnswer);
            using var http = ScheduleCost.Client(subject);
            await http.GetStringAsync("/api/scheduler/jobs?limit=1");
            Opened.Add((TimeProvider.System.GetUtcNow() - subject.Begun).TotalMilliseconds);
            await using var ask = ledger.CreateCommand();
            ask.CommandText = $"SELECT claimed_at FROM runs WHERE job_id = 'due-{at}'";
            object? claimed;
            while ((claimed = await ask.ExecuteScalarAsync()) is not long)
            {
            }

            Claimed.Add((DateTimeOffset.FromUnixTimeMilliseconds((long)claimed) - subject.Begun).TotalMilliseconds);

            // Its turn is to end too, or the next start would go on with it.
            ask.CommandText = $"SELECT COUNT(*) FROM runs WHERE job_id = 'due-{at}' AND finished_at IS NOT NULL";
            while (await ask.ExecuteScalarAsync() is not 1L)
            {
            }
        }
    }
}
