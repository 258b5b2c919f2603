using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Two instances that give one another work, over real connections, each with a model of its own.</summary>
public sealed class PeerTests : IAsyncLifetime
{
    private const string Token = "bobs-own-token-that-must-not-show";

    private readonly Sandbox _box = new();
    private ScriptedModel _alices = null!;
    private ScriptedModel _bobs = null!;
    private AgentProcess _bob = null!;
    private AgentProcess _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _alices = await ScriptedModel.StartAsync();
        _bobs = await ScriptedModel.StartAsync();
        _bob = await BobAsync();
        _alice = await _box.ServeAsync("alice", environment: new(_alices.Environment)
        {
            ["PROTOAGENT_A2A__PEERS__BOB__URL"] = $"http://127.0.0.1:{_bob.Port}", ["PROTOAGENT_A2A__PEERS__BOB__TOKEN"] = Token, ["PROTOAGENT_A2A__PEERS__BOB__DESCRIPTION"] = "knows the accounts",
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _box.DisposeAsync();
        await _alices.DisposeAsync();
        await _bobs.DisposeAsync();
    }

    [Fact]
    public async Task Delegate_ToAPeer_AnswersWhatItSaysWithinOneTrace()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        _alice.Http.DefaultRequestHeaders.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");
        var asked = _alice.ChatAsync("how much?");
        var call = await _alices.NextAsync();
        call.Request["tools"]!.ToJsonString().ShouldContain("knows the accounts");
        call.Request["tools"]!.ToJsonString().ShouldNotContain("attach_artifact");
        await call.CallAsync(("delegate_to", """{"peer":"bob","message":"What is on the account?"}"""));
        var bobs = await _bobs.NextAsync();
        bobs.LastMessage.ShouldBe("What is on the account?");
        bobs.Header("traceparent")!.ShouldContain(Trace);
        await bobs.ReplyAsync("Twelve euros.");
        call = await _alices.NextAsync();
        call.Results.Single().ShouldContain("Twelve euros.");
        await call.ReplyAsync("It is twelve.");
        (await asked).ShouldBe("It is twelve.");

        foreach (var agent in (AgentProcess[])[_alice, _bob])
        {
            agent.Log.ShouldNotContain(Token);
        }

        (await _box.FilesHoldingAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Delegate_PeerIsKilledAndComesBack_TheTaskGoesOn()
    {
        var asked = _alice.ChatAsync("how much?");
        await (await _alices.NextAsync()).CallAsync(("delegate_to", """{"peer":"bob","message":"count"}"""));
        var bobs = await _bobs.NextAsync();
        await NotedAsync();
        await _bob.KillAsync();
        bobs.Break();
        _bob = await BobAsync(_bob.Port);
        bobs = await _bobs.NextAsync();
        bobs.LastMessage.ShouldBe("count");
        await bobs.ReplyAsync("Three.");
        var call = await _alices.NextAsync();
        call.Results.Single().ShouldContain("Three.");
        await call.ReplyAsync("three");
        (await asked).ShouldBe("three");
    }

    [Fact]
    public async Task Delegate_CallerIsKilled_AsksForTheTaskItGaveAndGivesNoSecond()
    {
        var job = _alice.SendAsync(HttpMethod.Post, "/api/scheduler/jobs", JsonNode.Parse("""{"prompt":"count them","schedule":"0 0 1 1 *","job_id":"j"}"""));
        (await job).Status.ShouldBe(HttpStatusCode.Created);
        await _alice.SendAsync(HttpMethod.Post, "/api/scheduler/jobs/j/run");
        await (await _alices.NextAsync()).CallAsync(("delegate_to", """{"peer":"bob","message":"count"}"""));
        var bobs = await _bobs.NextAsync();
        await NotedAsync();
        await _alice.KillAsync();
        _alice = await _box.ServeAsync("alice", environment: new(_alices.Environment) { ["PROTOAGENT_A2A__PEERS__BOB__URL"] = $"http://127.0.0.1:{_bob.Port}", ["PROTOAGENT_A2A__PEERS__BOB__TOKEN"] = Token });
        await _alice.LoggedAsync("turn_resumed");
        await bobs.ReplyAsync("Three.");
        var call = await _alices.NextAsync();
        call.Results.Single().ShouldContain("Three.");
        await call.ReplyAsync("three");
        (await TasksAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Delegate_PeerAsks_TheAnswerGoesToTheSameTask()
    {
        var asked = _alice.ChatAsync("paint it");
        await (await _alices.NextAsync()).CallAsync(("delegate_to", """{"peer":"bob","message":"paint"}"""));
        await (await _bobs.NextAsync()).CallAsync(("ask_human", """{"question":"Red or blue?"}"""));
        var call = await _alices.NextAsync();
        call.Results.Single().ShouldContain("Red or blue?");
        var task = (string)(await TasksAsync()).Single()!["id"]!;
        call.Results.Single().ShouldContain($"task_id '{task}'");
        await call.CallAsync(("delegate_to", $$"""{"peer":"bob","message":"blue","task_id":"{{task}}"}"""));
        var bobs = await _bobs.NextAsync();
        bobs.Results.Single().ShouldContain("blue");
        await bobs.ReplyAsync("Painted.");
        call = await _alices.NextAsync();
        call.Results[^1].ShouldContain("Painted.");
        await call.ReplyAsync("done");
        (await asked).ShouldBe("done");
    }

    [Fact]
    public async Task Delegate_TurnIsCancelled_CancelsThePeersTask()
    {
        var asked = _alice.PostChatAsync("work", "s1");
        await (await _alices.NextAsync()).CallAsync(("delegate_to", """{"peer":"bob","message":"work"}"""));
        await _bobs.NextAsync();
        await _alice.SendAsync(HttpMethod.Post, "/api/chat/sessions/s1/cancel");
        (await asked).Dispose();
        while ((string)(await TasksAsync()).Single()!["status"]!["state"]! != "TASK_STATE_CANCELED")
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Delegate_ToOneAnother_ComesToAnEnd()
    {
        await _bob.TerminateAsync();
        _bob = await BobAsync(_bob.Port, new() { ["PROTOAGENT_A2A__PEERS__ALICE__URL"] = $"http://127.0.0.1:{_alice.Port}" });
        var asked = _alice.ChatAsync("go");
        for (var hop = 0; hop < 4; hop++)
        {
            var call = await (hop % 2 == 0 ? _alices : _bobs).NextAsync();
            await call.CallAsync(("delegate_to", $$"""{"peer":"{{(hop % 2 == 0 ? "bob" : "alice")}}","message":"you do it"}"""));
        }

        // The fourth was not passed on: bob is told so, and everybody answers.
        var last = await _bobs.NextAsync();
        last.Results.Single().ShouldContain("has been passed on 3 times already");
        await last.ReplyAsync("nobody will");
        await (await _alices.NextAsync()).ReplyAsync("bob won't");
        await (await _bobs.NextAsync()).ReplyAsync("alice won't");
        await (await _alices.NextAsync()).ReplyAsync("nobody does it");
        (await asked).ShouldBe("nobody does it");
    }

    [Fact]
    public async Task Attach_TextAndALargeFile_StandOnTheTaskAndAreFetchedWithTheToken()
    {
        var workspace = Directory.CreateDirectory(Path.Combine(_bob.InstanceRoot, "workspace")).FullName;
        await File.WriteAllTextAsync(Path.Combine(workspace, "big.csv"), new string('x', 300_000));
        var asked = _alice.ChatAsync("report");
        await (await _alices.NextAsync()).CallAsync(("delegate_to", """{"peer":"bob","message":"report"}"""));
        var bobs = await _bobs.NextAsync();
        bobs.Request["tools"]!.ToJsonString().ShouldContain("attach_artifact");
        await bobs.CallAsync(("attach_artifact", """{"name":"summary","text":"all is well"}"""), ("attach_artifact", """{"name":"numbers","path":"big.csv","media_type":"text/csv"}"""), ("attach_artifact", """{"name":"both","text":"a","data":{}}"""));
        bobs = await _bobs.NextAsync();
        bobs.Results[2].ShouldContain("exactly one of text, path and data");
        await bobs.ReplyAsync("see the files");
        var call = await _alices.NextAsync();
        var result = call.Results.Single();
        result.ShouldContain("all is well");
        result.ShouldContain("big.csv");
        result.ShouldContain("see the files");
        await call.ReplyAsync("fine");
        (await asked).ShouldBe("fine");

        var url = result.Split('\n').Single(l => l.Contains("/a2a/artifacts/")).Split(' ')[^1].TrimEnd(']');
        using var open = new HttpClient();
        (await open.GetAsync(url)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var file = await _bob.Http.GetAsync(url);
        file.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        (await file.Content.ReadAsStringAsync()).Length.ShouldBe(300_000);
        (await _bob.Http.GetAsync("/a2a/artifacts/..%2f..%2fmarker/x")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private async Task<AgentProcess> BobAsync(int port = 0, Dictionary<string, string>? more = null)
    {
        var environment = new Dictionary<string, string>(_bobs.Environment) { ["A2A_AUTH_TOKEN"] = Token };
        foreach (var (name, value) in more ?? [])
        {
            environment[name] = value;
        }

        var bob = await _box.ServeAsync("bob", ["--port", $"{port}"], environment);
        bob.Http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        return bob;
    }

    /// <summary>Until alice knows the task bob made of what she gave: before that nobody can go on with it.</summary>
    private async Task NotedAsync()
    {
        var notes = Path.Combine(_alice.InstanceRoot, "a2a-delegated");
        while (!Directory.Exists(notes) || !Directory.EnumerateFiles(notes, "*.json").Any())
        {
            await Task.Yield();
        }
    }

    private async Task<JsonArray> TasksAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/a2a/v1/tasks") { Headers = { { "A2A-Version", "1.0" } } };
        using var answer = await _bob.Http.SendAsync(request);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["tasks"]!.AsArray();
    }
}
