using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>What a scraper reads, and the trace a caller's headers put a turn in.</summary>
public sealed partial class MetricsTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Parent = $"00-{Trace}-00f067aa0ba902b7-01";

    [Fact]
    public async Task Scrape_AfterATurn_IsWellFormedAndEverySeriesSaysWhose()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice", environment: new Dictionary<string, string> { ["AGENT_NAME"] = "bob" });
        Read(await agent.Http.GetStringAsync("/metrics")).ShouldNotBeEmpty();
        await agent.ChatAsync("""/tool calculator {"expression":"40+2"}""", "s1");
        for (var i = 0; i < 20; i++)
        {
            using var missing = await agent.Http.GetAsync($"/api/chat/sessions/secret-{i}");
            missing.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            using var nowhere = await agent.Http.GetAsync($"/nowhere-{i}");
            nowhere.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }

        using var answer = await agent.Http.GetAsync("/metrics");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        var text = await answer.Content.ReadAsStringAsync();
        var series = Read(text);
        series.ShouldAllBe(s => s.Labels["instance"] == "alice" && s.Labels["agent"] == "bob");
        text.ShouldNotContain("secret-");
        text.ShouldNotContain("nowhere-");
        text.ShouldNotContain("40+2");

        Value(series, "protoagent_tool_calls_total", "gen_ai_tool_name", "calculator").ShouldBe(1);
        Value(series, "protoagent_turn_duration_seconds_count", "status", "done").ShouldBe(1);
        Value(series, "gen_ai_client_operation_duration_seconds_count", "gen_ai_request_model", "offline").ShouldBeGreaterThan(0);
        Value(series, "http_server_request_duration_seconds_count", "http_route", "/api/chat/sessions/{id}").ShouldBe(20);
        Value(series, "protoagent_scheduler_state", "state", "running").ShouldBe(1);
        Value(series, "protoagent_scheduler_state", "state", "waiting").ShouldBe(0);
        Value(series, "protoagent_store_commits_total", "store", "checkpoints").ShouldBeGreaterThan(0);
        foreach (var name in (string[])["protoagent_uptime_seconds", "protoagent_threads", "protoagent_turns_active", "protoagent_inbox_pending", "protoagent_scheduler_jobs",
            "protoagent_mcp_servers", "protoagent_event_streams_active", "protoagent_store_writes_waiting", "protoagent_knowledge_chunks", "dotnet_process_memory_working_set_bytes", "dotnet_process_cpu_time_seconds_total",
            "dotnet_gc_collections_total", "http_server_active_requests", "target_info"])
        {
            series.ShouldContain(s => s.Name == name, text);
        }
    }

    [Fact]
    public async Task Scrape_TokenSet_IsOpenOnLoopbackAlone()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice", environment: new Dictionary<string, string> { ["A2A_AUTH_TOKEN"] = "a-token", ["A2A_PUBLIC_URL"] = "https://agents.example.com" });
        (await StatusAsync(agent, null, null)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(agent, "agents.example.com", null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(agent, "agents.example.com", "a-token")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Chat_WithATrace_IsPassedOnToTheModelAlsoAfterAKill()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var environment = new Dictionary<string, string>(model.Environment) { ["PROTOAGENT_TURNS__RESUME"] = "always" };
        var agent = await box.ServeAsync("alice", environment: environment);
        var asked = AskAsync(agent, Parent, "vendor=1");
        var call = await model.NextAsync();
        call.Header("traceparent").ShouldBe(Parent);
        call.Header("tracestate").ShouldBe("vendor=1");
        await agent.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(asked);
        call.Break();

        var again = await box.ServeAsync("alice", environment: environment);
        call = await model.NextAsync();
        call.Header("traceparent").ShouldBe(Parent);
        await call.ReplyAsync("done");
        await again.LoggedAsync("turn_resumed");

        asked = AskAsync(again, "00-bad-header-01", "vendor=1");
        call = await model.NextAsync();
        call.Header("traceparent").ShouldBeNull();
        call.Header("tracestate").ShouldBeNull();
        await call.ReplyAsync("done");
        (await asked).Dispose();
    }

    private static async Task<HttpResponseMessage> AskAsync(AgentProcess agent, string parent, string state)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat") { Content = AgentProcess.JsonContent(new System.Text.Json.Nodes.JsonObject { ["message"] = "hello" }) };
        request.Headers.TryAddWithoutValidation("traceparent", parent);
        request.Headers.TryAddWithoutValidation("tracestate", state);
        return await agent.Http.SendAsync(request);
    }

    private static async Task<HttpStatusCode> StatusAsync(AgentProcess agent, string? host, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Host = host } };
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        using var answer = await agent.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private static double Value(IReadOnlyList<Series> series, string name, string label, string value) =>
        series.Where(s => s.Name == name && s.Labels.GetValueOrDefault(label) == value).Sum(s => s.Value);

    /// <summary>Strictly: each family has one HELP and one TYPE before its series, stands together, and no series comes twice.</summary>
    private static List<Series> Read(string text)
    {
        text.ShouldEndWith("\n");
        var (all, seen, types, helps) = (new List<Series>(), new HashSet<string>(), new Dictionary<string, string>(), new HashSet<string>());
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('#'))
            {
                var parts = line.Split(' ', 4);
                if (parts[1] == "HELP")
                {
                    helps.Add(parts[2]).ShouldBeTrue(line);
                }
                else if (parts[1] == "TYPE")
                {
                    types.TryAdd(parts[2], parts[3]).ShouldBeTrue(line);
                }

                continue;
            }

            var match = Line().Match(line);
            match.Success.ShouldBeTrue(line);
            var (name, labels) = (match.Groups["name"].Value, match.Groups["labels"].Value);
            seen.Add($"{name}{{{labels}}}").ShouldBeTrue($"twice: {line}");
            var family = types.Keys.Last();
            (name == family || (types[family] == "histogram" && name is var n && (n == family + "_bucket" || n == family + "_sum" || n == family + "_count"))).ShouldBeTrue($"not of {family}: {line}");
            helps.ShouldContain(family);
            var pairs = Label().Matches(labels);
            pairs.Select(p => p.Groups["name"].Value).ShouldBeUnique();
            all.Add(new Series(name, pairs.ToDictionary(p => p.Groups["name"].Value, p => p.Groups["value"].Value), double.Parse(match.Groups["value"].Value.Replace("+Inf", "∞"), CultureInfo.InvariantCulture)));
        }

        return all;
    }

    private sealed record Series(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    [GeneratedRegex(@"\A(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([a-zA-Z_][a-zA-Z0-9_]*=""([^""\\\n]|\\[\\""n])*"",?)*)\})? (?<value>[+-]?(Inf|NaN|[0-9.]+([eE][+-]?[0-9]+)?))( [0-9]+)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Line();

    [GeneratedRegex(@"(?<name>[a-zA-Z_][a-zA-Z0-9_]*)=""(?<value>([^""\\]|\\.)*)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Label();
}
