using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Workflows as people use them: the command line, gates over restarts, an instance whose file of runs is broken.</summary>
public sealed class WorkflowTests
{
    private const string Recipe = "name: letter\ndescription: Writes a letter.\ninputs: {to: {}, tone: {default: kind}}\nsteps:\n  - {id: draft, prompt: 'draft for {{inputs.to}}, {{inputs.tone}}'}\n"
        + "  - {id: send, tool: write_file, arguments: {path: 'letter.txt', content: '{{steps.draft.output}}'}, gate: human, question: 'Send this? {{steps.draft.output}}'}\noutput: '{{steps.draft.output}}'\n";

    [Fact]
    public async Task CommandLine_SavesRunsFollowsAndResumesOverARestart()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        using var over = new CancellationTokenSource();
        var answering = model.AnswerAllAsync(asked => $"<{asked}>", over.Token);
        var file = box.File("letter.yaml", Recipe);
        var bad = box.File("bad.yaml", "name: bad\nsteps:\n  - {id: a, prompt: p, depends_on: b}\n  - {id: c, tool: nothing}\n");
        (await box.RunAsync(["workflows", "check", file], "alice")).Output.ShouldContain("No problems in the file itself");

        var agent = await box.ServeAsync("alice", environment: model.Environment);
        var refused = await box.RunAsync(["workflows", "save", bad], "alice");
        (refused.ExitCode, refused.Error.Contains("line 3", StringComparison.Ordinal)).ShouldBe((1, true), refused.Error);
        (await box.RunAsync(["workflows", "check", file], "alice")).Output.ShouldContain("No problems.");
        (await box.RunAsync(["workflows", "save", file], "alice")).ExitCode.ShouldBe(0);
        File.Exists(Path.Combine(agent.InstanceRoot, "workflows", "letter.yaml")).ShouldBeTrue();
        var list = (await box.RunAsync(["workflows", "list"], "alice")).Output;
        foreach (var name in (string[])["letter", "deep-research", "research-and-brief", "review"])
        {
            list.ShouldContain(name);
        }

        list.ShouldNotContain("can't be run", Case.Sensitive, "what comes with the program works as it is");
        var run = await box.RunAsync(["workflows", "run", "letter", "to=Ada", "--follow"], "alice");
        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain("draft: done");
        run.Error.ShouldContain("send asks: Send this? <draft for Ada, kind>");
        (await box.RunAsync(["approvals"], "alice")).Output.ShouldContain("Send this?");
        var id = (string)(await agent.GetAsync("/api/workflows/runs"))["items"]![0]!["id"]!;

        (await agent.TerminateAsync()).ShouldBe(0);
        agent = await box.ServeAsync("alice", environment: model.Environment);
        var approval = (await agent.GetAsync("/api/approvals"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)approval["kind"]!, (string)approval["session_id"]!).ShouldBe(("gate", id));
        var resumed = await box.RunAsync(["workflows", "resume", id], "alice");
        resumed.ExitCode.ShouldBe(0, resumed.Error);
        await EndedAsync(agent, id, "done");
        File.ReadAllText(Path.Combine(agent.InstanceRoot, "workspace", "letter.txt")).ShouldBe("<draft for Ada, kind>");
        (await box.RunAsync(["workflows", "runs", id], "alice")).Output.ShouldContain("send");
        (await box.RunAsync(["workflows", "cancel", id], "alice")).ExitCode.ShouldBe(1);
        (await agent.GetAsync("/api/approvals"))["items"]!.AsArray().ShouldBeEmpty();
        await over.CancelAsync();
        await answering;
    }

    [Fact]
    public async Task Approvals_AGate_DecidedLikeAnyOther()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        using var over = new CancellationTokenSource();
        var answering = model.AnswerAllAsync(asked => asked, over.Token);
        var agent = await box.ServeAsync("alice", environment: model.Environment);
        (await box.RunAsync(["workflows", "save", box.File("letter.yaml", Recipe)], "alice")).ExitCode.ShouldBe(0);
        var run = (await box.RunAsync(["workflows", "run", "letter", "to=Ada", "tone=curt"], "alice")).Output.Trim();
        await EndedAsync(agent, run, "waiting");
        var id = (string)(await agent.GetAsync("/api/approvals"))["items"]![0]!["id"]!;
        (await box.RunAsync(["approvals", "deny", id, "too curt"], "alice")).ExitCode.ShouldBe(0);
        var ended = await EndedAsync(agent, run, "failed");
        ((string)ended["steps"]![1]!["error"]!["message"]!).ShouldContain("too curt");
        (await box.RunAsync(["approvals", "approve", id], "alice")).ExitCode.ShouldBe(1, "the first decision stands");
        await over.CancelAsync();
        await answering;
    }

    [Fact]
    public async Task Offline_ABundledWorkflow_RunsToItsEndWithoutAnythingConfigured()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync();
        var run = await box.RunAsync(["workflows", "run", "research-and-brief", "topic=tides", "--follow", "--json"]);
        run.ExitCode.ShouldBe(0, run.Error);
        var output = (string)JsonNode.Parse(run.Output)!["output"]!;
        output.ShouldNotBeEmpty();
        (await agent.GetAsync("/api/chat/commands"))["items"]!.AsArray().Select(c => $"{c!["name"]} {c["kind"]}").ShouldContain("research-and-brief workflow");
        (await agent.ChatAsync("/research-and-brief tides")).ShouldBe(output, "the same behind a slash");
        (await agent.ChatAsync("/research-and-brief")).ShouldContain("topic=");
        (await agent.GetAsync("/api/workflows/runs"))["items"]!.AsArray().Count.ShouldBe(2);
        (await agent.TerminateAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Store_Broken_TheRestServesAndSaysSo()
    {
        await using var box = new Sandbox();
        box.File("home/.protoagent/alice/workflow-runs.db", "this is no database, whatever it is called: " + new string('x', 5000));
        var agent = await box.ServeAsync("alice");
        (await agent.ChatAsync("hello")).ShouldNotBeEmpty();
        using var answer = await agent.Http.GetAsync("/api/workflows/runs");
        ((int)answer.StatusCode, (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!).ShouldBe((503, "store_corrupt"));
        (await agent.GetAsync("/api/workflows"))["items"]!.AsArray().Count.ShouldBe(3);
        (await agent.GetAsync("/api/approvals"))["items"]!.AsArray().ShouldBeEmpty();
        (await agent.WarningsAsync()).ShouldContain(w => w.StartsWith("store_corrupt", StringComparison.Ordinal));
    }

    private static async Task<JsonNode> EndedAsync(AgentProcess agent, string id, string status)
    {
        var run = await agent.GetAsync($"/api/workflows/runs/{id}");
        while ((string)run["status"]! == "running")
        {
            run = await agent.GetAsync($"/api/workflows/runs/{id}?wait=20&version={run["version"]}");
        }

        ((string)run["status"]!).ShouldBe(status, run.ToJsonString());
        return run;
    }
}
