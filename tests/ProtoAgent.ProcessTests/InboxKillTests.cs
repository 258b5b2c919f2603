using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>
/// Twenty writers and four readers at an instance that is killed again and again: what was acknowledged is read exactly once.
/// <c>PROTOAGENT_TEST_POSTS</c> says how many each writer posts (README.md in this folder); the seed is in every message.
/// </summary>
public sealed partial class InboxKillTests : IDisposable
{
    private const int Writers = 20;
    private const int Readers = 4;
    private const int PostsBetweenKills = 60;

    /// <summary>One in so many is wanted now, and fires a turn.</summary>
    private const int NowEach = 25;

    private static readonly int s_posts = int.Parse(Environment.GetEnvironmentVariable("PROTOAGENT_TEST_POSTS") is { Length: > 0 } posts ? posts : "12", CultureInfo.InvariantCulture);

    private readonly ConcurrentDictionary<string, bool> _acknowledged = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _posted = new(0);
    private volatile TaskCompletionSource<AgentProcess> _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _posted.Dispose();

    [Fact]
    public async Task KilledAmongWritersAndReaders_EveryAcknowledgedItemIsReadExactlyOnce()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var box = new Sandbox();
        var environment = new Dictionary<string, string> { ["PROTOAGENT_INBOX__STORM_LIMIT"] = "1000000", ["PROTOAGENT_INBOX__DEDUP_SECONDS"] = "86400" };
        using var over = new CancellationTokenSource();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteAsync(w))));
        var reading = Task.WhenAll(Enumerable.Range(0, Readers).Select(r => Task.Run(() => ReadAsync(r, over.Token))));
        var killed = 0;
        var agent = await ServeAsync(box, environment);
        for (var left = Writers * s_posts; left > PostsBetweenKills; left -= PostsBetweenKills)
        {
            for (var i = 0; i < PostsBetweenKills; i++)
            {
                (await _posted.WaitAsync(Limits.Patience)).ShouldBeTrue($"seed {seed}: nothing is posted any more\n{agent.Log}");
            }

            // The kill is to come at any time, not after something.
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 20));
            _serving = new TaskCompletionSource<AgentProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
            await agent.KillAsync();
            killed++;
            agent = await ServeAsync(box, environment);
        }

        await writing;
        while ((await agent.GetAsync("/api/inbox?priority_floor=later"))["items"]!.AsArray().Count > 0)
        {
        }

        await over.CancelAsync();
        await reading;
        killed.ShouldBeGreaterThan(0);
        _acknowledged.Count.ShouldBe(Writers * s_posts, $"seed {seed}");
        var read = await ReadTextsAsync(agent);
        var context = $"seed {seed}, {killed} kills";
        _acknowledged.Keys.Where(t => !read.ContainsKey(t)).ShouldBeEmpty($"{context}: acknowledged and never read");
        read.Where(r => r.Value != 1).ShouldBeEmpty($"{context}: read more than once");
        read.Keys.Where(t => !_acknowledged.ContainsKey(t)).ShouldBeEmpty(context);
        (await agent.TerminateAsync()).ShouldBe(0);
    }

    private async Task<AgentProcess> ServeAsync(Sandbox box, Dictionary<string, string> environment)
    {
        var agent = await box.ServeAsync("alice", [], environment);
        _serving.SetResult(agent);
        return agent;
    }

    /// <summary>What was not acknowledged is posted again, under the same key.</summary>
    private async Task WriteAsync(int writer)
    {
        for (var i = 0; i < s_posts; i++)
        {
            var number = (writer * s_posts) + i;
            var text = $"item {writer}-{i} end";
            var body = new JsonObject
            {
                ["text"] = text, ["priority"] = number % NowEach == 0 ? "now" : number % 2 == 0 ? "next" : "later", ["source"] = $"writer {writer}", ["dedup_key"] = text,
            };
            while (!await TryAsync(async agent =>
            {
                using var answer = await agent.Http.PostAsync("/api/inbox", AgentProcess.JsonContent(body));
                answer.StatusCode.ShouldBeOneOf(HttpStatusCode.Created, HttpStatusCode.OK);
            }))
            {
            }

            _acknowledged[text] = true;
            _posted.Release();
        }
    }

    /// <summary>Every other one is waited for by nobody, so that the next process goes on with it.</summary>
    private async Task ReadAsync(int reader, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await TryAsync(async agent =>
            {
                using var answer = await agent.Http.PostAsync(
                    "/api/chat",
                    AgentProcess.JsonContent(new JsonObject { ["message"] = """/tool check_inbox {"priority_floor":"later","limit":20}""", ["detach"] = reader % 2 == 0 }),
                    CancellationToken.None);
                var accepted = JsonNode.Parse(await answer.Content.ReadAsStringAsync(CancellationToken.None))!;
                while (reader % 2 == 0 && (string)(await agent.GetAsync($"/api/chat/turns/{accepted["turn_id"]}"))["status"]! == "running")
                {
                }
            });
        }
    }

    /// <summary>False when the process died meanwhile; then there is another.</summary>
    private async Task<bool> TryAsync(Func<AgentProcess, Task> ask)
    {
        var agent = await _serving.Task;
        try
        {
            await ask(agent);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Text.Json.JsonException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>How often each item's text stands in a thread where the agent reads it.</summary>
    private static async Task<Dictionary<string, int>> ReadTextsAsync(AgentProcess agent)
    {
        var read = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (var session in ItemsAsync(agent, "/api/chat/sessions"))
        {
            await foreach (var step in ItemsAsync(agent, $"/api/chat/sessions/{Uri.EscapeDataString((string)session["id"]!)}/messages"))
            {
                if (((string)step["role"]!, (string?)step["tool"]) is ("tool_result", "check_inbox") || ((string)session["id"]! == "system:activity" && (string)step["role"]! == "user"))
                {
                    foreach (Match item in Item().Matches((string)step["text"]!))
                    {
                        read[item.Value] = read.GetValueOrDefault(item.Value) + 1;
                    }
                }
            }
        }

        return read;
    }

    private static async IAsyncEnumerable<JsonNode> ItemsAsync(AgentProcess agent, string path)
    {
        string? cursor = null;
        do
        {
            var page = await agent.GetAsync($"{path}?limit=500{(cursor is null ? "" : $"&cursor={cursor}")}");
            foreach (var item in page["items"]!.AsArray())
            {
                yield return item!;
            }

            cursor = (string?)page["next"];
        }
        while (cursor is not null);
    }

    [GeneratedRegex("item [0-9]+-[0-9]+ end")]
    private static partial Regex Item();
}
