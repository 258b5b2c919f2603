using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Shouldly;

namespace ProtoAgent.ProcessTests.Harness;

/// <summary>The schedule of a running instance, and what it tells of it.</summary>
internal static class Schedule
{
    private const string Jobs = "/api/scheduler/jobs";

    public const string EverySecond = "* * * * * *";

    public static async Task AddJobAsync(this AgentProcess agent, string id, string schedule, string prompt, string? session = null, JsonObject? policy = null)
    {
        var job = new JsonObject { ["job_id"] = id, ["schedule"] = schedule, ["prompt"] = prompt, ["session_id"] = session, ["policy"] = policy };
        var (status, body) = await agent.SendAsync(HttpMethod.Post, Jobs, job);
        status.ShouldBe(HttpStatusCode.Created, body.ToJsonString());
    }

    public static async Task<JsonNode> JobAsync(this AgentProcess agent, string id) => (await agent.GetAsync($"{Jobs}/{id}"))["job"]!;

    public static async Task PauseJobAsync(this AgentProcess agent, string id)
    {
        var (status, body) = await agent.SendAsync(HttpMethod.Post, $"{Jobs}/{id}/pause");
        status.ShouldBe(HttpStatusCode.OK, body.ToJsonString());
    }

    /// <summary>All of them, the oldest first.</summary>
    public static async Task<List<JsonNode>> RunsAsync(this AgentProcess agent, string id)
    {
        var runs = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await agent.GetAsync($"{Jobs}/{id}/runs?limit=500{(cursor is null ? "" : $"&cursor={cursor}")}");
            runs.AddRange(page["items"]!.AsArray().Select(r => r!));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);
        runs.Reverse();
        return runs;
    }

    /// <summary>All of them, once none is under way.</summary>
    public static async Task<List<JsonNode>> EndedRunsAsync(this AgentProcess agent, string id)
    {
        using var late = new CancellationTokenSource(Limits.Patience);
        List<JsonNode> runs;
        do
        {
            late.Token.ThrowIfCancellationRequested();
            runs = await agent.RunsAsync(id);
        }
        while (runs.Any(r => (string)r["status"]! is "claimed" or "running"));
        return runs;
    }

    public static async Task<string> SchedulerAsync(this AgentProcess agent) => (string)(await agent.GetAsync("/api/runtime/status"))["scheduler"]!["state"]!;

    /// <summary>Until it happens, or at once if it happened in this process's last 256 events; its data.</summary>
    public static async Task<JsonNode> HappenedAsync(this AgentProcess agent, string topic, Func<JsonNode, bool>? which = null)
    {
        using var late = new CancellationTokenSource(Limits.Patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/events");
        request.Headers.Add("Last-Event-ID", "0");
        using var answer = await agent.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, late.Token);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(late.Token));
        while (await LineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal) && JsonNode.Parse(line[6..])! is var happened
                && (string)happened["topic"]! == topic && which?.Invoke(happened["data"]!) != false)
            {
                return happened["data"]!;
            }
        }

        throw new InvalidOperationException($"The events ended before {topic}.\n{agent.Log}");

        async Task<string?> LineAsync()
        {
            try
            {
                return await lines.ReadLineAsync(late.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"{topic} did not happen.\n{agent.Log}", e);
            }
        }
    }

    public static DateTimeOffset Due(JsonNode run) => At(run, "due_at");

    public static DateTimeOffset At(JsonNode node, string field) => DateTimeOffset.Parse((string)node[field]!, CultureInfo.InvariantCulture);

    /// <summary>A job that is due every second has one row for each second between its first and its last.</summary>
    public static void ShouldHaveEverySlotOnce(this IReadOnlyList<JsonNode> runs, string context)
    {
        runs.ShouldNotBeEmpty(context);
        runs.Select(Due).ShouldBe(Enumerable.Range(0, runs.Count).Select(i => Due(runs[0]).AddSeconds(i)), context);
    }

    /// <summary>The due time that the turn of a run is told; null in any other turn.</summary>
    public static string? DueTold(ScriptedModel.Call call)
    {
        const string Before = ", due ";
        var text = call.SystemText;
        var at = text.IndexOf(Before, StringComparison.Ordinal);
        return at < 0 ? null : text.Substring(at + Before.Length, "2026-01-01T00:00:00Z".Length);
    }
}
