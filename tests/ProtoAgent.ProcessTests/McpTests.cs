using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Programs the instance starts: MCP servers and commands. They know only what they are told, and go when it goes.</summary>
public sealed class McpTests : IAsyncLifetime
{
    private readonly Sandbox _box = new();
    private ScriptedModel _model = null!;

    public async ValueTask InitializeAsync() => _model = await ScriptedModel.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _box.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Server_OfConfiguration_ItsToolsAreCalledInASealedEnvironment()
    {
        var agent = await ServeAsync(Server(ProgramUnderTest.McpFixture), new Dictionary<string, string> { ["UNRELATED"] = "not-for-it" });
        await ReadyAsync(agent, "fix");
        var asked = agent.PostChatAsync("what do you see?", "s1");
        var first = await _model.NextAsync();
        first.Request["tools"]!.AsArray().Select(t => (string)t!["function"]!["name"]!).ShouldContain("fix__echo");
        await first.CallAsync(("fix__env", "{}"), ("fix__echo", """{"text":"hello there"}"""));
        var second = await _model.NextAsync();
        var environment = second.Results[0];
        environment.ShouldStartWith("<tool_output tool=\"fix__env\">");
        environment.ShouldContain("GIVEN=tok-12345678");
        environment.ShouldContain("PROTOAGENT_INSTANCE=alice");
        environment.ShouldContain($"PROTOAGENT_ROOT={agent.InstanceRoot}");
        environment.ShouldContain($"HOME={agent.InstanceRoot}/workspace");
        environment.ShouldNotContain("not-for-it");
        environment.ShouldNotContain(ScriptedModel.Key);
        second.Results[1].ShouldContain("hello there");
        await second.ReplyAsync("enough");
        (await asked).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await agent.Http.GetStringAsync("/api/mcp/servers")).ShouldNotContain("tok-12345678");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_WhenTheInstanceGoes_IsGoneWithAllItStarted(bool killed)
    {
        var alive = _box.File("alive", "");
        File.Delete(alive);
        using (var make = Process.Start("mkfifo", alive))
        {
            await make.WaitForExitAsync();
        }

        // Whatever lives of it holds the pipe: its end of file is the proof that nothing does. Opened for both, for which nobody waits.
        var script = _box.File("server.sh", $"exec 9<>{alive}\nsleep 1000 &\n(setsid sleep 1000 &)\nexec {ProgramUnderTest.McpFixture}\n");
        var agent = await ServeAsync(Server("/bin/sh", script));
        await ReadyAsync(agent, "fix");
        using var held = new StreamReader(alive);
        var ended = Task.Run(held.ReadToEnd);
        ended.IsCompleted.ShouldBeFalse();
        if (killed)
        {
            await agent.KillAsync();
        }
        else
        {
            (await agent.TerminateAsync()).ShouldBe(0);
        }

        (await ended.WaitAsync(Limits.Patience)).ShouldBe("");
        await ServeAsync("{}\n"); // And no lock is held by what was left.
    }

    [Fact]
    public async Task Server_ThatDies_ComesBack()
    {
        var agent = await ServeAsync(Server(ProgramUnderTest.McpFixture));
        await ReadyAsync(agent, "fix");
        var asked = agent.ChatAsync("kill it", "s1");
        await (await _model.NextAsync()).CallAsync(("fix__die", "{}"));
        var second = await _model.NextAsync();
        second.Results.ShouldHaveSingleItem().ShouldContain("went away");
        await ReadyAsync(agent, "fix");
        await second.CallAsync(("fix__echo", """{"text":"back"}"""));
        var third = await _model.NextAsync();
        third.Results.ShouldHaveSingleItem().ShouldContain("back");
        await third.ReplyAsync("it is back");
        await asked;
    }

    [Fact]
    public async Task Server_AddedByTheApi_SurvivesARestartUntilRemoved()
    {
        var agent = await ServeAsync("{}\n");
        var server = new JsonObject { ["name"] = "added", ["command"] = ProgramUnderTest.McpFixture, ["env"] = new JsonObject { ["SECRET_VALUE"] = "s3cret-value-x" } };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root)
        {
            server["env"]!["DOTNET_ROOT"] = root;
        }

        using (var added = await agent.Http.PostAsync("/api/mcp/servers", AgentProcess.JsonContent(server)))
        {
            added.StatusCode.ShouldBe(HttpStatusCode.Created);
            (await added.Content.ReadAsStringAsync()).ShouldNotContain("s3cret-value-x");
        }

        await ReadyAsync(agent, "added");
        await agent.KillAsync();
        var again = await ServeAsync("{}\n");
        await ReadyAsync(again, "added");
        using (var removed = await again.Http.DeleteAsync("/api/mcp/servers/added"))
        {
            removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        (await again.GetAsync("/api/mcp/servers"))["items"]!.AsArray().ShouldBeEmpty();
        again.Log.ShouldNotContain("s3cret-value-x");
    }

    [Fact]
    public async Task RunCommand_EnabledAndApproved_RunsScrubbedInTheWorkspaceAndEndsInTime()
    {
        var agent = await ServeAsync("tools:\n  enable: [run_command]\n", new Dictionary<string, string> { ["UNRELATED"] = "not-for-it" });
        var asked = agent.PostChatAsync("run it", "s1");
        await (await _model.NextAsync()).CallAsync(("run_command", """{"command":"pwd; env; echo made > made.txt; sleep 1000 & sleep 1000","timeout_seconds":5}"""));
        using (var accepted = await asked)
        {
            accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted, "each command waits for a person");
        }

        File.Exists(Path.Combine(agent.InstanceRoot, "workspace", "made.txt")).ShouldBeFalse();
        var approval = (await agent.GetAsync("/api/approvals"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        using var decided = await agent.Http.PostAsync($"/api/approvals/{approval["id"]}", new StringContent("""{"decision":"approve"}""", Encoding.UTF8, "application/json"));
        var second = await _model.NextAsync();
        var told = second.Results.ShouldHaveSingleItem();
        told.ShouldContain($"{agent.InstanceRoot}/workspace");
        told.ShouldContain("5 s");
        told.ShouldNotContain("not-for-it");
        told.ShouldNotContain(ScriptedModel.Key);
        File.ReadAllText(Path.Combine(agent.InstanceRoot, "workspace", "made.txt")).ShouldBe("made\n");
        await second.ReplyAsync("it took too long");
    }

    private Task<AgentProcess> ServeAsync(string settings, Dictionary<string, string>? environment = null) => _box.ServeAsync(
        "alice", ["--config", _box.File("config.yaml", settings)], new Dictionary<string, string>(_model.Environment.Concat(environment ?? [])) { ["MY_TOKEN"] = "tok-12345678" });

    private static string Server(string command, params string[] arguments)
    {
        var root = Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } given ? $"        DOTNET_ROOT: {given}\n" : "";
        return $"mcp:\n  servers:\n    fix:\n      command: {command}\n      args: [{string.Join(", ", arguments)}]\n      env:\n        GIVEN: ${{MY_TOKEN}}\n{root}";
    }

    /// <summary>Servers are connected in the background.</summary>
    private static async Task ReadyAsync(AgentProcess agent, string name)
    {
        using var late = new CancellationTokenSource(Limits.Patience);
        while (await ServerAsync() is var server && (string?)server["state"] != "ready")
        {
            late.IsCancellationRequested.ShouldBeFalse($"{server.ToJsonString()}\n{agent.Log}");
        }

        async Task<JsonNode> ServerAsync() => (await agent.GetAsync("/api/mcp/servers"))["items"]!.AsArray().Single(s => (string)s!["name"]! == name)!;
    }
}
