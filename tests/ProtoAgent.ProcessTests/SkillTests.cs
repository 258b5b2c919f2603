using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Skills as a person and a model meet them: in real processes, over real folders.</summary>
public sealed class SkillTests : IAsyncLifetime
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
    public async Task Skill_EditedByHand_IsToldLoadedAndCalledWithoutARestart()
    {
        var agent = await _box.ServeAsync("alice", environment: _model.Environment);
        var file = Put("alice/skills/greet", "greet", "says hello MARK-1", "Say hello warmly.");
        var asked = agent.PostChatAsync("hello", "s1");
        var first = await _model.NextAsync();
        first.Request.ToJsonString().ShouldContain("MARK-1");
        first.Request.ToJsonString().ShouldContain("research");
        await first.CallAsync(("load_skill", """{"name":"greet"}"""));
        var second = await _model.NextAsync();
        second.Results[0].ShouldContain("Say hello warmly.");
        await second.ReplyAsync("moin");
        (await asked).StatusCode.ShouldBe(HttpStatusCode.OK);

        // As an editor saves it.
        File.WriteAllText(file + "~", Text("greet", "says hello MARK-2", "Say moin.", "slash: moin\nuser_only: true\n"));
        File.Move(file + "~", file, overwrite: true);
        (await agent.GetAsync("/api/chat/commands"))["items"]!.AsArray().Select(c => $"{c!["kind"]} {c["name"]}").ShouldContain("skill moin");
        asked = agent.PostChatAsync("/moin to Ada", "s2");
        var called = await _model.NextAsync();
        called.Results[0].ShouldContain("Say moin.");
        called.Request.ToJsonString().ShouldNotContain("MARK-", customMessage: "the agent is not told of what a person alone may call");
        await called.ReplyAsync("moin Ada");
        (await asked).StatusCode.ShouldBe(HttpStatusCode.OK);

        File.WriteAllText(file, "---\nname: greet\ndescription: a: b\n---\n");
        (await agent.GetAsync("/api/skills"))["problems"]!.AsArray().Single()!["line"]!.GetValue<int>().ShouldBe(3);
        (await agent.WarningsAsync()).ShouldContain(w => w.StartsWith("skill_broken") && w.Contains($"{file}, line 3"));
        await agent.LoggedAsync("skill_broken");
    }

    [Fact]
    public async Task Skills_OfTwoInstances_NeverMeetButInTheCommons()
    {
        var shares = new Dictionary<string, string> { ["PROTOAGENT_SKILLS__SCOPE"] = "layered" };
        var alice = await _box.ServeAsync("alice", environment: shares);
        var bob = await _box.ServeAsync("bob", environment: shares);
        using (var saved = await alice.Http.PutAsync("/api/skills/hers", new StringContent(Text("hers", "d", "Do."), Encoding.UTF8, "text/markdown")))
        {
            saved.StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        (await NamesAsync(bob)).ShouldNotContain("hers");
        (await _box.RunAsync(["skills", "promote", "hers"], "alice", shares)).ExitCode.ShouldBe(0);
        File.Exists(Path.Combine(_box.DataHome, "commons/skills/hers/SKILL.md")).ShouldBeTrue();
        (await NamesAsync(bob)).ShouldContain("hers");
        (await NamesAsync(alice)).ShouldContain("hers");
        Directory.Exists(Path.Combine(_box.DataHome, "alice/skills/hers")).ShouldBeFalse();
        (await _box.ServeRefusedAsync("commons")).ExitCode.ShouldBe(78);
    }

    [Fact]
    public async Task Index_Damaged_IsMadeAnewFromTheFolders()
    {
        Put("alice/skills/kept", "kept", "d", "Do.");
        var agent = await _box.ServeAsync("alice");
        (await NamesAsync(agent)).ShouldContain("kept");
        await agent.TerminateAsync();
        File.WriteAllBytes(Path.Combine(_box.DataHome, "alice/skills.db"), [.. Enumerable.Repeat((byte)0xA5, 9_000)]);

        agent = await _box.ServeAsync("alice");
        (await NamesAsync(agent)).ShouldContain("kept");
        (await agent.WarningsAsync()).ShouldBeEmpty();
        await agent.LoggedAsync("skills_index_rebuilt");
        File.Exists(Path.Combine(_box.DataHome, "alice/skills.db.damaged")).ShouldBeTrue();
    }

    [Fact]
    public async Task Commands_WithoutARunningInstance_WorkOnTheFolders()
    {
        var folder = Path.GetDirectoryName(_box.File("work/weekly/SKILL.md", Text("weekly", "the week", "Look.", "user_facing: true\n")))!;
        _box.File("work/weekly/form.md", "the form");
        _box.Folder("tmp");
        var before = _box.Snapshot();
        (await _box.RunAsync(["skills", "list"], "alice")).Output.ShouldContain("research");
        (await _box.RunAsync(["skills", "check", folder], "alice")).ExitCode.ShouldBe(0);
        _box.Snapshot().ShouldBe(before, "a look writes nothing");

        (await _box.RunAsync(["skills", "save", folder], "alice")).Output.ShouldContain("Saved 'weekly'");
        (await _box.RunAsync(["skills", "save", folder], "alice")).ExitCode.ShouldBe(1);
        (await _box.RunAsync(["skills", "save", "-", "--replace"], "alice", input: Text("weekly", "the week", "Look twice.", "slash: week\n"))).ExitCode.ShouldBe(0);
        var shown = await _box.RunAsync(["skills", "show", "weekly"], "alice");
        shown.Output.ShouldContain("Look twice.");
        shown.Error.ShouldContain("form.md");
        (await _box.RunAsync(["skills", "show", "weekly", "--file", "form.md"], "alice")).Output.ShouldBe("the form");
        var listed = JsonNode.Parse((await _box.RunAsync(["skills", "list", "--json"], "alice")).Output)!["items"]!.AsArray().Single(i => (string)i!["name"]! == "weekly")!;
        ((string)listed["source"]!, (string)listed["slash"]!).ShouldBe(("own", "week"));
        (await _box.RunAsync(["skills", "list"], "bob")).Output.ShouldNotContain("weekly");

        var bad = _box.File("home/.protoagent/alice/skills/bad/SKILL.md", "---\nname: bad\n---\n");
        var check = await _box.RunAsync(["skills", "check"], "alice");
        check.ExitCode.ShouldBe(1);
        check.Error.ShouldContain($"{bad}, line 1: it has no description");
        (await _box.RunAsync(["doctor"], "alice")).Output.ShouldContain($"{bad}, line 1");
        (await _box.RunAsync(["skills", "delete", "weekly"], "alice")).ExitCode.ShouldBe(0);
        (await _box.RunAsync(["skills", "delete", "research"], "alice")).Error.ShouldContain("comes with the program");
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(AgentProcess agent) =>
        [.. (await agent.GetAsync("/api/skills"))["items"]!.AsArray().Select(i => (string)i!["name"]!)];

    private string Put(string folder, string name, string description, string body) => _box.File($"home/.protoagent/{folder}/SKILL.md", Text(name, description, body));

    private static string Text(string name, string description, string body, string more = "") => $"---\nname: {name}\ndescription: {description}\n{more}---\n{body}\n";
}
