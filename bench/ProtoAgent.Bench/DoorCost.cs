using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ProtoAgent.Bench;

/// <summary>
/// What the doors cost: each beside an endpoint of the floor that reads as much and answers nothing. The client shares the machine with
/// what it measures, so the ratio is what counts.
/// </summary>
internal static class DoorCost
{
    private const int AtOnce = 32;
    private const int Requests = 40_000;
    private const int Turns = 6_000;
    private const int Streams = 1_000;
    private const int Events = 50;

    public static async Task RunAsync(string program, string floor)
    {
        var homes = Directory.CreateTempSubdirectory("protoagent-bench-").FullName;
        try
        {
            using var empty = Subject.Start(floor, port => [$"{port}"], homes, "floor");
            using var agent = Subject.Start(program, port => ["serve", "--port", $"{port}"], homes, "bench", new Dictionary<string, string>
            {
                ["PROTOAGENT_MODEL_BASE_URL"] = $"http://127.0.0.1:{empty.Port}/v1",
                ["PROTOAGENT_MODEL"] = "zero-20",
                ["PROTOAGENT_INBOX__STORM_LIMIT"] = "1000000",
            });
            await RequestsAsync(empty, agent);
            await StreamsAsync(empty, agent);
        }
        finally
        {
            Directory.Delete(homes, recursive: true);
        }
    }

    private static async Task RequestsAsync(Subject empty, Subject agent)
    {
        using var floor = Client(empty);
        using var door = Client(agent);
        using var sent = await SendAsync(door, Post("/a2a", Rpc("SendMessage", """{"message":{"messageId":"m1","role":"ROLE_USER","parts":[{"text":"hello"}]}}""")));
        using var told = JsonDocument.Parse(await sent.Content.ReadAsStringAsync());
        var task = told.RootElement.GetProperty("result").GetProperty("task").GetProperty("id").GetString();
        var getTask = Rpc("GetTask", $$"""{"id":"{{task}}"}""");

        Console.WriteLine($"\n{AtOnce} connections, each asking again as soon as it is answered; requests a second, and milliseconds.\n");
        Console.WriteLine("| | empty endpoint, a second | a second | ratio | empty endpoint, p99 | p99 | ratio |\n|---|---|---|---|---|---|---|");
        await RowAsync("`GET /healthz`", Requests, floor, _ => Get("/healthz"), door, _ => Get("/healthz"));
        await RowAsync("JSON-RPC `GetTask`", Requests, floor, _ => Post("/empty", getTask), door, _ => Post("/a2a", getTask));
        await RowAsync("a whole turn, a thread each, `POST /api/chat`", Turns, floor, _ => Post("/empty", """{"message":"hello"}"""), door, _ => Post("/api/chat", """{"message":"hello"}"""));
        await RowAsync("a whole turn, JSON-RPC `SendMessage`", Turns, floor, _ => Post("/empty", getTask), door, i => Post("/a2a", Rpc(
            "SendMessage", $$$"""{"message":{"messageId":"b{{{i}}}","role":"ROLE_USER","parts":[{"text":"hello"}]}}""")));
    }

    private static async Task RowAsync(string what, int count, HttpClient floor, Func<int, HttpRequestMessage> nothing, HttpClient door, Func<int, HttpRequestMessage> something)
    {
        // Once over to warm both, then in halves by turns, so that whatever else the machine does hits both.
        await ManyAsync(floor, nothing, 0, count / 10);
        await ManyAsync(door, something, 0, count / 10);
        var (one, other) = (new Sum(), new Sum());
        for (var i = 1; i <= 4; i++)
        {
            one.Add(await ManyAsync(floor, nothing, i * count, count / 4));
            other.Add(await ManyAsync(door, something, i * count, count / 4));
        }

        var (fast, slow) = (Table.At(one.Each, 0.99), Table.At(other.Each, 0.99));
        Console.WriteLine($"| {what} | {one.PerSecond:0} | {other.PerSecond:0} | {one.PerSecond / other.PerSecond:0.0} | {fast:0.00} | {slow:0.00} | {slow / fast:0.0} |");
    }

    private static async Task<Sum> ManyAsync(HttpClient http, Func<int, HttpRequestMessage> request, int from, int count)
    {
        var (sum, next) = (new Sum(), from);
        var clock = Stopwatch.GetTimestamp();
        var each = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            var times = new List<double>();
            for (var i = Interlocked.Increment(ref next); i <= from + count; i = Interlocked.Increment(ref next))
            {
                var asked = Stopwatch.GetTimestamp();
                using var answer = await SendAsync(http, request(i));
                await answer.Content.ReadAsByteArrayAsync();
                times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }

            return times;
        })));
        sum.All = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        sum.Each.AddRange(each.SelectMany(t => t));
        return sum;
    }

    private static async Task StreamsAsync(Subject empty, Subject agent)
    {
        var one = await MeasureAsync(empty, "/tell", """{"text":"hello"}""");
        var other = await MeasureAsync(agent, "/api/inbox", """{"text":"hello","priority":"later"}""");
        Console.WriteLine($"\n{Streams} open event streams (`GET /api/events`), {Events} events one after the other; milliseconds from posting one to the last stream having it.\n");
        Table.Head("empty endpoint", "protoagent");
        Table.Row("p50", Table.At(one.Each, 0.5), Table.At(other.Each, 0.5));
        Table.Row("p99", Table.At(one.Each, 0.99), Table.At(other.Each, 0.99));
        Table.Row("memory a stream, KB (PSS)", one.Memory, other.Memory);
    }

    private static async Task<(List<double> Each, double Memory)> MeasureAsync(Subject subject, string tell, string body)
    {
        using var http = Client(subject);
        using var end = new CancellationTokenSource();
        var path = tell == "/tell" ? "/events" : "/api/events";
        var before = subject.Memory();
        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(async _ =>
        {
            var answer = await http.SendAsync(Get(path), HttpCompletionOption.ResponseHeadersRead, end.Token);
            return new StreamReader(await answer.Content.ReadAsStreamAsync(end.Token));
        }));
        var each = new List<double>();
        for (var i = -5; i < Events; i++)
        {
            var heard = streams.Select(s => Task.Run(async () =>
            {
                while (await s.ReadLineAsync(end.Token) is { } line && !line.StartsWith("data:", StringComparison.Ordinal))
                {
                }
            })).ToList();
            var clock = Stopwatch.GetTimestamp();
            using var told = await SendAsync(http, Post(tell, body));
            await Task.WhenAll(heard);
            if (i >= 0)
            {
                each.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            }
        }

        var memory = (subject.Memory() - before) * 1024 / Streams;
        await end.CancelAsync();
        return (each, memory);
    }

    private static HttpClient Client(Subject subject) => new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5) }) { BaseAddress = new Uri($"http://127.0.0.1:{subject.Port}") };

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage request)
    {
        using (request)
        {
            var answer = await http.SendAsync(request);
            return answer.IsSuccessStatusCode ? answer : throw new InvalidOperationException($"{request.RequestUri}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private static string Rpc(string method, string parameters) => $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""";

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    private static HttpRequestMessage Post(string path, string json) => new(HttpMethod.Post, path)
    {
        Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")), Headers = { { "A2A-Version", "1.0" } },
    };

    private sealed class Sum
    {
        public List<double> Each { get; } = [];

        public double All { get; set; }

        public double PerSecond => Each.Count * 1000 / All;

        public void Add(Sum more)
        {
            Each.AddRange(more.Each);
            All += more.All;
        }
    }
}
