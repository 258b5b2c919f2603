using System.Text.Json;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Skills;

/// <summary>The tools as a model calls them, and a skill as a person does.</summary>
public sealed class SkillToolTests : IAsyncLifetime
{
    private readonly SkillBench _bench = new();
    private readonly TurnFixture _turns = new();
    private SkillCatalog _catalog = null!;
    private IReadOnlyList<Tool> _tools = null!;

    public async ValueTask InitializeAsync()
    {
        _bench.Put("greet", SkillBench.Text("greet", "says hello", "tools: [wave, load_skill]\nslash: hello\n", "Say hello warmly."));
        _bench.File("greet/words.md", "Moin");
        _bench.Put("private", SkillBench.Text("private", "for you alone", "user_only: true\n", "Whisper."));
        _catalog = _bench.Start();
        ToolCatalog? catalog = null;
        _tools = SkillTools.For(_catalog, new SkillFiles(_catalog), () => catalog!);
        catalog = new ToolCatalog(new ToolOptions(), [new BuiltInTools([.. _tools])]);
        _turns.Tools.AddRange(_tools);
        _turns.Commands.Add(new SkillCommands(_catalog));
        await _turns.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _turns.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Load_ASkill_ItsProcedureItsFilesAndWhatIsMissing()
    {
        var text = await CallAsync("load_skill", """{"name":"Greet"}""");
        text.ShouldStartWith("The skill 'greet':\n\nSay hello warmly.");
        text.ShouldContain("words.md");
        text.ShouldContain("not offered here: wave.");
        (await CallAsync("load_skill", """{"name":"greet","file":"words.md"}""")).ShouldBe("Moin");
        _catalog.LastUsed("greet").ShouldBe(_bench.Time.GetUtcNow());
    }

    [Theory]
    [InlineData("""{"name":"none"}""", "There is: greet,")]
    [InlineData("""{"name":"private"}""", "/private")]
    [InlineData("""{"name":"greet","file":"../private/SKILL.md"}""", "not read")]
    [InlineData("""{"name":"research","file":"x"}""", "comes with the program")]
    public async Task Load_WhatItMayNot_IsToldWhy(string arguments, string why)
    {
        var refused = await Should.ThrowAsync<ToolException>(() => CallAsync("load_skill", arguments));
        refused.Message.ShouldContain(why);
        refused.Message.ShouldNotContain("Whisper");
    }

    [Fact]
    public async Task Load_Incognito_LeavesNoTrace()
    {
        await CallAsync("load_skill", """{"name":"greet"}""", incognito: true);
        _catalog.LastUsed("greet").ShouldBeNull();
    }

    [Theory]
    [InlineData("{}", "greet", "research")]
    [InlineData("""{"query":"HELLO says"}""", "greet", null)]
    [InlineData("""{"query":"hello unfindable"}""", "greet", null)]
    [InlineData("""{"query":"unfindable"}""", "No skill has", null)]
    public async Task List_ByQuery_ThoseItMayLoad(string arguments, string has, string? also)
    {
        var text = await CallAsync("list_skills", arguments);
        text.ShouldContain(has);
        text.Contains("research:", StringComparison.Ordinal).ShouldBe(also is not null);
        text.ShouldNotContain("private");
    }

    [Fact]
    public async Task Save_WhatItLearnt_CanBeLoadedAndReplacedByItselfAlone()
    {
        (await CallAsync("save_skill", """{"name":"weekly","description":"The week: \"how\"","body":"1. Look.","tools":["read_file"]}""")).ShouldContain("is saved");
        (await CallAsync("load_skill", """{"name":"weekly"}""")).ShouldContain("1. Look.");
        (await CallAsync("save_skill", """{"name":"weekly","description":"d","body":"2. Look."}""")).ShouldContain("is replaced");
        (await Should.ThrowAsync<ToolException>(() => CallAsync("save_skill", """{"name":"greet","description":"d","body":"b"}"""))).Message.ShouldContain("did not write it");
        await Should.ThrowAsync<ToolException>(() => CallAsync("save_skill", """{"name":"../up","description":"d","body":"b"}"""));
        await Should.ThrowAsync<ToolException>(() => CallAsync("save_skill", """{"name":"x","description":"d","body":"b","tools":["a]\nuser_only: true"]}"""));
    }

    [Theory]
    [InlineData("/hello to Ada", "Say hello warmly.")]
    [InlineData("/private now", "Whisper.")]
    public async Task Slash_ASkill_TheModelReadsItAndGoesOn(string message, string body)
    {
        var turn = _turns.Send(message);
        var asked = await _turns.Model.NextAsync();
        asked.Messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Single().Result!.ToString()!.ShouldContain(body);
        asked.Messages.ShouldContain(m => m.Text == message);
        asked.Answer("done");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldBe("done");
    }

    [Fact]
    public async Task Slash_EditedMeanwhile_IsTheNewOne()
    {
        (await _turns.Runner.Commands.AllAsync(default)).Select(c => $"{c.Kind} {c.Name}").ShouldContain("skill hello");
        _bench.Put("greet", SkillBench.Text("greet", "says hello", "slash: moin\n", "Say moin."));
        var names = (await _turns.Runner.Commands.AllAsync(default)).Select(c => c.Name).ToList();
        names.ShouldContain("moin");
        names.ShouldNotContain("hello");
    }

    [Fact]
    public async Task Slash_SkillThatCannotBeLoaded_SaysSoWithoutTheModel()
    {
        var command = (await _turns.Runner.Commands.FindAsync("/hello", default))!;
        var failed = new ProtoAgent.Agent.Threads.StepContent("It is gone.") { Status = "error" };
        (await command.Answer(new("/hello", failed, () => Task.FromResult(0)))).Single().ShouldBeOfType<TextContent>().Text.ShouldBe("It is gone.");
    }

    private async Task<string> CallAsync(string tool, string arguments, bool incognito = false) =>
        (await _tools.Single(t => t.Name == tool).CallAsync(JsonElement.Parse(arguments), new ToolCall("t", "u", "c", "test") { Incognito = incognito }, default)).Text;
}
