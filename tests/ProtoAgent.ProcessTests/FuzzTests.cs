using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using ProtoAgent.ProcessTests.Fuzz;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>
/// Requests that are wrong in every way we know, at every door, from the description of the API. Seed and count come from
/// <c>PROTOAGENT_FUZZ_SEED</c> and <c>PROTOAGENT_FUZZ_COUNT</c>; a failure names both numbers that make its request again.
/// </summary>
public sealed class FuzzTests
{
    private const int Workers = 4;
    private const int MostShown = 10;

    /// <summary>What may be answered with 5xx, and why that is no fault: the program's own, and Kestrel's word for a version of HTTP it does not speak.</summary>
    private static readonly string[] s_allowed = ["505"];

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task WrongRequests_AtEveryDoor_BreakNothing()
    {
        var seed = Setting("PROTOAGENT_FUZZ_SEED", 20261125);
        var count = Setting("PROTOAGENT_FUZZ_COUNT", ProgramUnderTest.IsNative ? 50_000 : 5_000);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}, {count} requests");
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        await agent.ChatAsync("remember me", "kept-session");
        for (var i = 0; i < 3; i++)
        {
            // The first ids are those that are guessed.
            await agent.SendAsync(HttpMethod.Post, "/api/knowledge/chunks", new JsonObject { ["content"] = $"Fact {i}." });
        }

        await agent.SendAsync(HttpMethod.Post, "/api/knowledge/chunks", JsonNode.Parse("""{"content":"The kept fact.","source":"kept-source"}"""));
        await agent.SendAsync(HttpMethod.Post, "/api/scheduler/jobs", JsonNode.Parse("""{"prompt":"kept","schedule":"0 9 1 1 *","job_id":"kept-job"}"""));
        var outside = Outside(box);
        var fuzzer = new Fuzzer(await agent.GetAsync("/openapi/v1.json"), seed, await IdsAsync(agent));

        // Until what stays with a process that works is there.
        var seen = new ConcurrentDictionary<string, int>();
        await SendAsync(agent, fuzzer, 0, count / 5, seen, seed);
        var before = Weight(agent.Pid);
        await SendAsync(agent, fuzzer, count / 5, count, seen, seed);
        (await agent.ChatAsync("still there?", "after")).ShouldNotBeEmpty();
        var after = Weight(agent.Pid);

        TestContext.Current.TestOutputHelper!.WriteLine($"{string.Join(", ", seen.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}"))}; {before >> 10} MiB, then {after >> 10} MiB");
        seen.Keys.Count(k => k.StartsWith('4')).ShouldBeGreaterThan(5, "most of them are refused, each for what is wrong with it");
        seen.ShouldContainKey("200");
        before.ShouldBeGreaterThan(0);
        (after - before).ShouldBeLessThan(64 << 10, "what a wrong request took is given back");
        Outside(box).ShouldBe(outside, "nothing is written anywhere else");
        agent.Log.Split('\n').Where(l => l.Contains("level=error", StringComparison.Ordinal) || l.Contains("level=critical", StringComparison.Ordinal) || l.Contains("Unhandled", StringComparison.Ordinal)).Take(5).ShouldBeEmpty();
        (await agent.MessagesAsync("kept-session"))[0].ShouldBe("user: remember me");
        (await agent.GetAsync("/api/knowledge/search?q=kept&source=kept-source")).AsArray().Count.ShouldBe(1);
        ((string)(await agent.GetAsync("/api/scheduler/jobs/kept-job"))["job"]!["prompt"]!).ShouldBe("kept");
        (await agent.TerminateAsync()).ShouldBe(0, agent.Log);
        foreach (var file in Directory.EnumerateFiles(box.DataHome, "*.db", SearchOption.AllDirectories))
        {
            Check(file).ShouldBe("ok", file);
        }

        var again = await box.ServeAsync("alice");
        (await again.MessagesAsync("kept-session"))[0].ShouldBe("user: remember me");
        (await again.WarningsAsync()).ShouldNotContain(w => w.StartsWith("store_", StringComparison.Ordinal));
    }

    private static async Task SendAsync(AgentProcess agent, Fuzzer fuzzer, int from, int to, ConcurrentDictionary<string, int> seen, int seed)
    {
        var broken = new ConcurrentQueue<string>();
        var next = from - 1;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            using var connection = new RawConnection(agent.Port);
            for (int number; (number = Interlocked.Increment(ref next)) < to;)
            {
                var request = fuzzer.Make(number);
                var answer = await AnswerAsync(connection, request, $"request {number} of seed {seed}: {request}", agent, broken);
                seen.AddOrUpdate(answer.Status.ToString(CultureInfo.InvariantCulture), 1, (_, had) => had + 1);
            }
        })));
        broken.Take(MostShown).ShouldBeEmpty($"{broken.Count} are answered as if it were our fault.\n{agent.Log}");
    }

    private static async Task<RawAnswer> AnswerAsync(RawConnection connection, FuzzRequest request, string what, AgentProcess agent, ConcurrentQueue<string> broken)
    {
        using var late = new CancellationTokenSource(s_patience);
        RawAnswer answer;
        try
        {
            answer = await connection.SendAsync(request.ToBytes(), request.EndsHere, request.Method == "HEAD", late.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidDataException or FormatException)
        {
            throw new ShouldAssertException($"{e.GetType().Name} {e.Message}: {what}\n{agent.Log}", e);
        }

        if ((answer.Status >= 500 && !s_allowed.Contains(CodeOf(answer))) || answer.Body.Contains("   at ProtoAgent.", StringComparison.Ordinal))
        {
            broken.Enqueue($"{answer.Status} {answer.Body}: {what}");
        }

        return answer;
    }

    /// <summary>A problem's code; the status where there is none.</summary>
    private static string CodeOf(RawAnswer answer) =>
        answer.Body.StartsWith('{') && (string?)JsonNode.Parse(answer.Body)!["code"] is { } code ? code : answer.Status.ToString(CultureInfo.InvariantCulture);

    /// <summary>Of things that are there, so that not every request ends at an id.</summary>
    private static async Task<List<string>> IdsAsync(AgentProcess agent)
    {
        await agent.ChatAsync("hello", "s1");
        await agent.SendAsync(HttpMethod.Post, "/api/scheduler/jobs", JsonNode.Parse("""{"prompt":"p","schedule":"0 9 1 1 *","job_id":"j1"}"""));
        var run = await agent.SendAsync(HttpMethod.Post, "/api/workflows/research-and-brief/run", JsonNode.Parse("""{"inputs":{"topic":"tides"}}"""));
        var turn = (await agent.GetAsync("/api/telemetry/recent"))["items"]![0]!["turn_id"]!;
        return ["s1", "s2", "j1", "1", "2", "3", "greet", "letter", "research-and-brief", "protoagent", (string)turn!, (string)run.Body["run_id"]!];
    }

    private static string Outside(Sandbox box) => string.Join('\n', Directory.EnumerateFileSystemEntries(box.Root, "*", SearchOption.AllDirectories)
        .Where(p => !p.StartsWith(box.DataHome, StringComparison.Ordinal) && !p.StartsWith(Path.Combine(box.Root, "tmp"), StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    /// <summary>Its own memory, in KiB: proc(5). What it shares with other processes grows for it when they end.</summary>
    private static long Weight(int pid) => File.ReadLines($"/proc/{pid}/smaps_rollup")
        .Where(l => l.StartsWith("Pss_Anon:", StringComparison.Ordinal) || l.StartsWith("Pss_Shmem:", StringComparison.Ordinal))
        .Sum(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));

    private static string Check(string file)
    {
        using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        database.Open();
        using var check = database.CreateCommand();
        check.CommandText = "PRAGMA integrity_check";
        return (string)check.ExecuteScalar()!;
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
