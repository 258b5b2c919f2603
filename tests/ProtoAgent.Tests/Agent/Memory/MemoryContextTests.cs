using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Memory;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Stores.Memory;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Memory;

public sealed class MemoryContextTests : IAsyncDisposable
{
    private readonly MemoryBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Turn_IsToldWhatIsHotWhatFitsAndWhatWasLast_AndItIsRecorded()
    {
        _bench.Turns.Tools.Add(new FakeTool("look", ToolTraits.Idempotent));
        await _bench.StartAsync();
        await _bench.SayAsync("Let us talk about sails.", thread: "sails");
        _bench.Turns.Time.Advance(TimeSpan.FromMinutes(1));
        await AddAsync("Call the user Ada.", HotFacts.Domain, ChunkTrust.Operator);
        await AddAsync("The harbour gate closes at dusk.", source: "docs/harbour.md", trust: ChunkTrust.External);
        await AddAsync("The moon is far away.");

        var turn = _bench.Turns.Send("When does the harbour gate close?");
        var first = await _bench.Turns.Model.NextAsync();
        first.Calls(Call("look"));
        var told = MemoryBench.Told(first);
        told.ShouldContain("- #1 (operator, 2026-03-01) Call the user Ada.");
        told.ShouldContain("- #2 [general] (external, 2026-03-01, from docs/harbour.md) The harbour gate closes at dusk.");
        told.ShouldContain("- sails · 2026-03-01 12:00Z · operator · “Let us talk about sails.” · 2");
        told.ShouldNotContain("moon");
        await AddAsync("Something hot and new.", HotFacts.Domain, ChunkTrust.Operator);
        var second = await _bench.Turns.Model.NextAsync();
        MemoryBench.Told(second).ShouldBe(told, "a turn is told once");
        second.Answer("At dusk.");
        await turn.Completion;

        var record = (await _bench.Injections.ListAsync("t", 10, null)).Items.Single();
        (record.TurnId, record.Characters).ShouldBe((turn.TurnId, told[told.IndexOf("<injected_memory>", StringComparison.Ordinal)..(told.IndexOf("</injected_memory>", StringComparison.Ordinal) + 18)].Length));
        record.Items.ShouldBe([new InjectedItem("hot", "1", "operator"), new InjectedItem("hit", "2", "external"), new InjectedItem("session", "sails")]);
        MemoryBench.Told(await _bench.SayAsync("go on")).ShouldContain("Something hot and new.");
    }

    [Fact]
    public async Task Turn_WithNothingToRemember_IsToldNothingAndMakesNoFile()
    {
        await _bench.StartAsync();
        MemoryBench.Told(await _bench.SayAsync("hello there, harbour gate")).ShouldNotContain("injected_memory");
        await _bench.Injections.FlushAsync();
        (File.Exists(_bench.Turns.Paths.Knowledge), File.Exists(_bench.Turns.Paths.MemoryInjections)).ShouldBe((false, false));
    }

    [Theory]
    [InlineData(ChunkTrust.External, "", "external harbour gate|agent harbour gate|operator harbour gate|other harbour gate")]
    [InlineData(ChunkTrust.Agent, "", "agent harbour gate|operator harbour gate|other harbour gate")]
    [InlineData(ChunkTrust.Operator, "", "operator harbour gate|other harbour gate")]
    [InlineData(ChunkTrust.External, "elsewhere", "other harbour gate")]
    [InlineData(ChunkTrust.Operator, "-", "operator harbour gate")]
    [InlineData(ChunkTrust.Operator, "-,elsewhere", "operator harbour gate|other harbour gate")]
    public async Task Matches_OfTheNamespacesAndAboveTheFloor(ChunkTrust floor, string namespaces, string expected)
    {
        _bench.Options = _bench.Options with { InjectFloor = floor, InjectNamespaces = namespaces.Split(',', StringSplitOptions.RemoveEmptyEntries) };
        await _bench.StartAsync();
        foreach (var trust in Enum.GetValues<ChunkTrust>())
        {
            await AddAsync($"{KnowledgeNames.Of(trust)} harbour gate", trust: trust);
        }

        await AddAsync("other harbour gate", @namespace: "elsewhere", trust: ChunkTrust.Operator);
        var told = MemoryBench.Told(await _bench.SayAsync("the harbour gate"));
        string[] all = ["external harbour gate", "agent harbour gate", "operator harbour gate", "other harbour gate"];
        all.Where(told.Contains).ShouldBe(expected.Split('|'), ignoreOrder: true);
    }

    [Fact]
    public async Task Embeddings_Down_NeitherAskedNorWaitedFor()
    {
        _bench.KnowledgeOptions = new KnowledgeOptions { Embeddings = new ModelOptions { Provider = "openai", Name = "e", BaseUrl = new Uri("http://127.0.0.1:1/v1"), Timeout = TimeSpan.FromHours(1) } };
        await _bench.StartAsync();
        await AddAsync("The harbour gate closes at dusk.");
        var before = _bench.Knowledge.Embeddings!.Warning();
        for (var i = 0; i < 5; i++)
        {
            MemoryBench.Told(await _bench.SayAsync("the harbour gate")).ShouldContain("closes at dusk");
        }

        _bench.Knowledge.Embeddings.Warning().ShouldBe(before, "no turn made another failure of it");
    }

    [Fact]
    public async Task Store_Damaged_TheTurnGoesOnWithTheRest()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_bench.Turns.Paths.Knowledge)!);
        await File.WriteAllTextAsync(_bench.Turns.Paths.Knowledge, new string('x', 8192));
        await _bench.StartAsync();
        await _bench.SayAsync("about the harbour", thread: "earlier");
        MemoryBench.Told(await _bench.SayAsync("the harbour gate")).ShouldContain("- earlier · ");
    }

    [Fact]
    public async Task Digest_ShowsTheLastWithoutTheOwnAndFollowsWhatHappens()
    {
        _bench.Options = _bench.Options with { DigestSessions = 3 };
        await _bench.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            await _bench.SayAsync($"number {i}", thread: $"s{i}");
            _bench.Turns.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Shown(await _bench.SayAsync("hello", thread: "s19")).ShouldBe(["s18", "s17", "s16"]);
        for (var i = 18; i > 7; i--)
        {
            await _bench.Turns.Store.DeleteThreadAsync($"s{i}");
            await _bench.Sessions.ForgetAsync($"s{i}");
        }

        Shown(await _bench.SayAsync("hello", thread: "s19")).ShouldBe(["s7", "s6", "s5"]);
        await _bench.SayAsync("again", thread: "s2");
        Shown(await _bench.SayAsync("hello", thread: "s19")).ShouldBe(["s2", "s7", "s6"]);

        static List<string> Shown(ScriptedClient.Call call) =>
            [.. MemoryBench.Told(call).Split('\n').Where(l => l.StartsWith("- s", StringComparison.Ordinal)).Select(l => l[2..l.IndexOf(' ', 2)])];
    }

    private async Task AddAsync(string content, string domain = "general", ChunkTrust trust = ChunkTrust.Agent, string? source = null, string @namespace = "") =>
        (await _bench.Knowledge.AddAsync(new NewChunk(content, trust, Namespace: @namespace, Domain: domain, Source: source))).ShouldBeOfType<ChunkAdd.Added>();
}
