using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Data.Sqlite;

namespace ProtoAgent.Bench;

/// <summary>
/// What the schedule costs: how late a turn begins, how fast jobs that are all due are worked off, and what many stored jobs
/// weigh. The model is the floor program, which thinks no time at all.
/// </summary>
internal static class ScheduleCost
{
    private const int Fires = 200;
    private const int Drained = 5000;
    private const int Clients = 64;

    private static readonly TimeSpan s_apart = TimeSpan.FromMilliseconds(200);

    /// <summary>What adding the jobs may take before they are due.</summary>
    private static readonly TimeSpan s_adding = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(string program, string floor)
    {
        var homes = Directory.CreateTempSubdirectory("protoagent-bench-").FullName;
        try
        {
            using var model = Subject.Start(floor, port => [$"{port}"], homes, "model");
            using (var agent = Agent("punctual", 16))
            {
                await PunctualAsync(model, agent);
            }

            Console.WriteLine($"\n{Drained} jobs, all due at the same moment, each once, until the last one's end is in the ledger; a second.\n");
            Table.Head("turns asked for over HTTP, as many at once", "jobs");
            foreach (var atOnce in (int[])[16, 64, 200])
            {
                using var agent = Agent($"drain{atOnce}", atOnce);
                var turns = await TurnsAsync(agent, atOnce);
                Table.Row($"each in a conversation of its own, {atOnce} at once", turns, await DrainAsync(agent, homes, $"drain{atOnce}", i => $"s{i}"));
            }

            using (var agent = Agent("one", 16))
            {
                Table.Row("all in the activity", double.NaN, await DrainAsync(agent, homes, "one", _ => null));
            }

            await StoredJobs.RunAsync(homes, Agent);

            Subject Agent(string instance, int concurrency) => Subject.Start(program, port => ["serve", "--port", $"{port}"], homes, instance, new Dictionary<string, string>
            {
                ["PROTOAGENT_MODEL_BASE_URL"] = $"http://127.0.0.1:{model.Port}/v1",
                ["PROTOAGENT_MODEL"] = "zero-20",
                ["PROTOAGENT_SCHEDULER__CONCURRENCY"] = $"{concurrency}",
            });
        }
        finally
        {
            Directory.Delete(homes, recursive: true);
        }
    }

    public static string Ledger(string homes, string instance) => $"Data Source={homes}/.protoagent/scheduler/{instance}/protoagent/jobs.db;Pooling=False";

    public static HttpClient Client(Subject subject) =>
        new(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://127.0.0.1:{subject.Port}"), Timeout = TimeSpan.FromMinutes(5) };

    public static string Written(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>So much later than now, in whole milliseconds, as the ledger keeps times.</summary>
    public static DateTimeOffset In(TimeSpan wait) => DateTimeOffset.FromUnixTimeMilliseconds((TimeProvider.System.GetUtcNow() + wait).ToUnixTimeMilliseconds());

    public static async Task AddAsync(HttpClient http, string id, DateTimeOffset at, string? session)
    {
        var said = session is null ? "null" : $"\"{session}\"";
        using var body = new StringContent($$"""{"job_id":"{{id}}","prompt":"work of {{id}}","schedule":"{{Written(at)}}","session_id":{{said}}}""", Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync("/api/scheduler/jobs", body);
        if (answer.StatusCode != HttpStatusCode.Created)
        {
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
        }
    }

    private static async Task PunctualAsync(Subject model, Subject agent)
    {
        using var http = Client(agent);
        using var asked = Client(model);
        var first = In(TimeSpan.FromSeconds(5));
        var due = Enumerable.Range(0, Fires).Select(i => first + (s_apart * i)).ToList();
        for (var i = 0; i < Fires; i++)
        {
            await AddAsync(http, $"late{i}", due[i], $"late{i}");
        }

        // Half-way between two fires, so that one does not wake the machine for the other.
        var errors = await BareTimer.ErrorsAsync([.. due.Select(d => d + (s_apart / 2))]);
        var times = (await asked.GetStringAsync("/asked")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => DateTimeOffset.UnixEpoch.AddMicroseconds(long.Parse(l, CultureInfo.InvariantCulture))).Order().ToList();
        if (times.Count != Fires)
        {
            throw new InvalidOperationException($"The model was asked {times.Count} times for {Fires} jobs.");
        }

        var late = times.Zip(due, (at, wanted) => (at - wanted).TotalMilliseconds).ToList();
        Console.WriteLine($"\n{Fires} jobs due one after the other, {s_apart.TotalMilliseconds:0} ms apart: from the due time until the model is asked; milliseconds.\n");
        Table.Head("a bare timer", "a job");
        Table.Row("p50", Table.At(errors, 0.5), Table.At(late, 0.5));
        Table.Row("p99", Table.At(errors, 0.99), Table.At(late, 0.99));
    }

    private static async Task<double> TurnsAsync(Subject agent, int atOnce)
    {
        using var http = Client(agent);
        var clock = Stopwatch.GetTimestamp();
        await ManyAsync(atOnce, async i =>
        {
            using var body = new StringContent($$"""{"message":"work of {{i}}","session_id":"t{{i}}"}""", Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync("/api/chat", body);
            answer.EnsureSuccessStatusCode();
        });
        return Drained / Stopwatch.GetElapsedTime(clock).TotalSeconds;
    }

    private static async Task<double> DrainAsync(Subject agent, string homes, string instance, Func<int, string?> session)
    {
        using var http = Client(agent);
        var due = In(s_adding);
        await ManyAsync(Clients, i => AddAsync(http, $"job{i}", due, session(i)));
        if (TimeProvider.System.GetUtcNow() > due)
        {
            throw new InvalidOperationException("Adding the jobs took too long: they were due already.");
        }

        await using var ledger = new SqliteConnection(Ledger(homes, instance) + ";Mode=ReadOnly");
        await ledger.OpenAsync();
        await using var ended = ledger.CreateCommand();
        ended.CommandText = "SELECT COUNT(*), MAX(finished_at), SUM(status <> 'done') FROM runs WHERE finished_at IS NOT NULL";
        while (true)
        {
            await Task.Delay(s_look);
            await using var row = await ended.ExecuteReaderAsync();
            await row.ReadAsync();
            if (row.GetInt64(0) == Drained)
            {
                return row.GetInt64(2) == 0
                    ? Drained * 1000.0 / (row.GetInt64(1) - due.ToUnixTimeMilliseconds())
                    : throw new InvalidOperationException($"{row.GetInt64(2)} runs are not done.");
            }
        }
    }

    private static async Task ManyAsync(int atOnce, Func<int, Task> one)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < Drained; i = Interlocked.Increment(ref next))
            {
                await one(i);
            }
        }));
    }
}
