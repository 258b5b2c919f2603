using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Data.Sqlite;

namespace ProtoAgent.Bench;

/// <summary>
/// What the server adds to a model's own time. The model is the floor program, which thinks no time at all; each turn is
/// measured beside the same call made to that model directly.
/// </summary>
internal static class TurnCost
{
    private const int Turns = 3000;
    private const int AtOnce = 200;
    private const int Tokens = 5000;
    private const int Messages = 5000;

    public static async Task RunAsync(string program, string floor)
    {
        var homes = Directory.CreateTempSubdirectory("protoagent-bench-").FullName;
        try
        {
            using var model = Subject.Start(floor, port => [$"{port}"], homes, "model");
            using var agent = Subject.Start(program, port => ["serve", "--port", $"{port}"], homes, "bench", new Dictionary<string, string>
            {
                ["PROTOAGENT_MODEL_BASE_URL"] = $"http://127.0.0.1:{model.Port}/v1",
                ["PROTOAGENT_MODEL"] = "zero-20",
                ["PROTOAGENT_MODEL__NAMES"] = $"zero-{Tokens}",
                ["PROTOAGENT_CONTEXT__BUDGET_TOKENS"] = "1000000",
            });
            using var direct = Client(model);
            using var through = Client(agent);
            await OneByOneAsync(direct, through, homes);
            await ManyAtOnceAsync(direct, through);
            await StreamedAsync(direct, through);
            await LongThreadAsync(through);
        }
        finally
        {
            Directory.Delete(homes, recursive: true);
        }
    }

    private static async Task OneByOneAsync(HttpClient direct, HttpClient through, string folder)
    {
        var (model, turn, empty, commit) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        using var database = Database(folder);
        for (var i = -200; i < Turns; i++)
        {
            // In turns, so that whatever else the machine does hits all.
            var times = (Model: await ModelAsync(direct, "zero-20"), Turn: await TurnAsync(through, $"t{i}"), Empty: await GetAsync(through, "/healthz"), Commit: Commit(database));
            if (i >= 0)
            {
                model.Add(times.Model);
                turn.Add(times.Turn);
                empty.Add(times.Empty);
                commit.Add(times.Commit);
            }
        }

        Console.WriteLine($"\n{Turns} turns, one after the other, each on a fresh thread; milliseconds.\n");
        Table.Head("the model alone", "a turn");
        foreach (var q in (double[])[0.5, 0.99])
        {
            Table.Row($"p{q * 100:0}", Table.At(model, q), Table.At(turn, q));
        }

        Console.WriteLine("\nWhat the server adds, beside an empty request and one fsynced SQLite commit; milliseconds.\n\n| | empty request | fsynced commit | added | × empty | × commit |\n|---|---|---|---|---|---|");
        foreach (var q in (double[])[0.5, 0.99])
        {
            var added = Table.At(turn, q) - Table.At(model, q);
            Console.WriteLine($"| p{q * 100:0} | {Table.At(empty, q):0.00} | {Table.At(commit, q):0.00} | {added:0.00} | {added / Table.At(empty, q):0.0} | {added / Table.At(commit, q):0.0} |");
        }
    }

    private static async Task ManyAtOnceAsync(HttpClient direct, HttpClient through)
    {
        var model = await AllAsync(i => ModelAsync(direct, "zero-20"));
        var turns = await AllAsync(i => TurnAsync(through, $"many{i}"));
        Console.WriteLine($"\n{AtOnce} at once, on {AtOnce} threads, five times over; milliseconds.\n");
        Table.Head("the model alone", "a turn");
        Table.Row("p50", Table.At(model.Each, 0.5), Table.At(turns.Each, 0.5));
        Table.Row("p99", Table.At(model.Each, 0.99), Table.At(turns.Each, 0.99));
        Table.Row("a second", AtOnce * 5000 / model.All, AtOnce * 5000 / turns.All);

        static async Task<(List<double> Each, double All)> AllAsync(Func<int, Task<double>> one)
        {
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(one));
            var (each, all) = (new List<double>(), 0.0);
            for (var i = 0; i < 5; i++)
            {
                var clock = Stopwatch.GetTimestamp();
                each.AddRange(await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(one)));
                all += Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            }

            return (each, all);
        }
    }

    private static async Task StreamedAsync(HttpClient direct, HttpClient through)
    {
        var (model, turn) = (new List<double>(), new List<double>());
        for (var i = -1; i < 9; i++)
        {
            var (one, other) = (await ModelAsync(direct, $"zero-{Tokens}"), await ModelAsync(through, $"zero-{Tokens}"));
            if (i >= 0)
            {
                model.Add(one / Tokens * 1000);
                turn.Add(other / Tokens * 1000);
            }
        }

        Console.WriteLine($"\n{Tokens} tokens streamed; microseconds a token, median of 9.\n");
        Table.Head("the model alone", "through /v1/chat/completions");
        Table.Row("a token", Table.At(model, 0.5), Table.At(turn, 0.5));
    }

    private static async Task LongThreadAsync(HttpClient through)
    {
        var history = string.Join(',', Enumerable.Range(0, Messages - 2).Select(i => $$"""{"role":"{{(i % 2 == 0 ? "user" : "assistant")}}","content":"message number {{i}} of a long conversation"}"""));
        using var body = Json($$"""{"model":"zero-20","messages":[{{history}},{"role":"user","content":"and now?"}]}""");
        using var seeded = await through.PostAsync("/v1/chat/completions", body);
        seeded.EnsureSuccessStatusCode();
        var thread = seeded.Headers.GetValues("X-Session-Id").Single();
        var (empty, page, all, fresh, turn) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < 41; i++)
        {
            empty.Add(await GetAsync(through, "/healthz"));
            page.Add(await GetAsync(through, $"/api/chat/sessions/{thread}/messages?limit=500"));
            all.Add(await GetAsync(through, $"/api/chat/sessions/{thread}/export?format=json"));
            fresh.Add(await TurnAsync(through, $"fresh{i}"));
            turn.Add(await TurnAsync(through, thread));
        }

        Console.WriteLine($"\nA thread of {Messages} messages; milliseconds, median.\n");
        Table.Head("empty request", "the thread");
        Table.Row("a page of 500", Table.At(empty, 0.5), Table.At(page, 0.5));
        Table.Row("all of it", Table.At(empty, 0.5), Table.At(all, 0.5));
        Console.WriteLine();
        Table.Head("on a fresh thread", "on this one");
        Table.Row("a turn, the model being sent and reading all of it", Table.At(fresh, 0.5), Table.At(turn, 0.5));
    }

    private static HttpClient Client(Subject subject) => new(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://127.0.0.1:{subject.Port}") };

    private static Task<double> ModelAsync(HttpClient http, string model) =>
        PostAsync(http, "/v1/chat/completions", $$"""{"model":"{{model}}","stream":true,"messages":[{"role":"user","content":"hello"}]}""");

    private static Task<double> TurnAsync(HttpClient http, string thread) => PostAsync(http, "/api/chat", $$"""{"message":"hello","session_id":"{{thread}}"}""");

    private static async Task<double> PostAsync(HttpClient http, string path, string json)
    {
        using var body = Json(json);
        var clock = Stopwatch.GetTimestamp();
        using var answer = await http.PostAsync(path, body);
        var said = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? Stopwatch.GetElapsedTime(clock).TotalMilliseconds : throw new InvalidOperationException($"{path}: {said}");
    }

    private static async Task<double> GetAsync(HttpClient http, string path)
    {
        var clock = Stopwatch.GetTimestamp();
        await http.GetStringAsync(path);
        return Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private static SqliteConnection Database(string folder)
    {
        var database = new SqliteConnection($"Data Source={Path.Combine(folder, "floor.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (v TEXT)";
        command.ExecuteNonQuery();
        return database;
    }

    private static double Commit(SqliteConnection database)
    {
        using var command = database.CreateCommand();
        command.CommandText = "INSERT INTO t VALUES ('an answer of twenty words, as a turn would keep it')";
        var clock = Stopwatch.GetTimestamp();
        command.ExecuteNonQuery();
        return Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
    }
}
