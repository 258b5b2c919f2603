using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Knowledge;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Memory;

public sealed class IncognitoTests : IAsyncDisposable
{
    private readonly MemoryBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Turn_IsOnAThreadOfItsOwnThatNoListShowsAndGoesAfterAWhile()
    {
        await _bench.StartAsync();
        await _bench.SayAsync("in the open");
        await _bench.SayAsync("between us", incognito: true);
        var again = await _bench.SayAsync("still between us", thread: "incognito:t");
        again.Messages.Count(m => m.Role == ChatRole.User).ShouldBe(2, "the thread decides, not the flag");
        (await _bench.Turns.Store.ListThreadsAsync(10)).Items.Select(t => t.Id).ShouldBe(["t"]);
        _bench.Turns.Time.Advance(_bench.Options.IncognitoIdle - TimeSpan.FromSeconds(1));
        await _bench.Incognito.FlushAsync();
        (await _bench.Turns.Store.GetThreadAsync("incognito:t")).ShouldNotBeNull();
        _bench.Turns.Time.Advance(TimeSpan.FromSeconds(1));
        await _bench.Incognito.FlushAsync();
        (await _bench.Turns.Store.GetThreadAsync("incognito:t")).ShouldBeNull();
        (await _bench.Turns.Store.GetThreadAsync("t")).ShouldNotBeNull();
    }

    [Fact]
    public async Task Turn_IsToldNothingAndItsToolsThatRememberAreRefused()
    {
        await _bench.StartAsync();
        _bench.Turns.Tools.AddRange([new MemoryIngestTool(_bench.Knowledge, hotConfirm: false), new MemoryRecallTool(_bench.Knowledge), new FakeTool("look", ToolTraits.Idempotent)]);
        var knowledge = _bench.Knowledge;
        await _bench.Turns.StartAsync();
        await knowledge.AddAsync(new NewChunk("Call the user Ada.", ChunkTrust.Operator, Domain: "hot"));
        var turn = _bench.Turns.Runner.Start(new TurnRequest { Message = "who am I", ThreadId = "t", Incognito = true });
        var call = await _bench.Turns.Model.NextAsync();
        MemoryBench.Told(call).ShouldNotContain("Ada");
        call.Options!.Tools!.Select(t => t.Name).ShouldBe(["look"]);
        call.Calls(Call("memory_ingest", """{"content":"The secret is swordfish."}""", "c1"), Call("memory_recall", """{"query":"user"}""", "c2"), Call("recall_session", """{"session_id":"x"}""", "c3"), Call("look", "{}", "c4"));
        (await _bench.Turns.Model.NextAsync()).Answer("nobody knows");
        await turn.Completion;
        var steps = await _bench.Turns.ThreadAsync("incognito:t");
        steps.Count(s => s.StartsWith("denied ") && s.Contains("incognito")).ShouldBe(3);
        steps.ShouldContain("ok look look did");
        (await _bench.KnownAsync("general")).ShouldBeEmpty();
        (await _bench.Injections.ListAsync(null, 10, null)).Items.ShouldBeEmpty();
        Directory.Exists(_bench.Turns.Paths.Memory).ShouldBeFalse();
    }

    [Fact]
    public async Task Subagents_OfAnIncognitoTurn_AreToo()
    {
        _bench.Turns.Subagents.Add(new SubagentOptions("finder", "finds things") { Prompt = "You find.", Tools = ["*"], MaxRounds = 3 });
        var asked = new List<ToolCall>();
        _bench.Turns.Tools.Add(new FakeTool("look", ToolTraits.Idempotent));
        _bench.Turns.KeepLongResult = (text, call, _) =>
        {
            asked.Add(call);
            return ValueTask.FromResult(text);
        };
        await _bench.StartAsync();
        var turn = _bench.Turns.Runner.Start(new TurnRequest { Message = "go", Incognito = true });
        turn.ThreadId.ShouldStartWith("incognito:");
        (await _bench.Turns.Model.NextAsync()).Calls(Call("task", """{"agent":"finder","prompt":"x"}""", "c1"));
        var child = await _bench.Turns.Model.NextAsync();
        child.Options!.Tools!.Select(t => t.Name).ShouldBe(["look"]);
        child.Calls(Call("look", "{}", "c2"));
        (await _bench.Turns.Model.NextAsync()).Answer("found");
        (await _bench.Turns.Model.NextAsync()).Answer("done");
        await turn.Completion;
        asked.Count.ShouldBe(2);
        asked.ShouldAllBe(c => c.Incognito);
        await _bench.Turns.Store.DeleteThreadAsync(turn.ThreadId);
        (await _bench.Turns.Store.CountThreadsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Crash_WhatIsLeftGoesAtTheNextStart_ButNotWhatWaitsForAPerson()
    {
        _bench.Turns.Tools.Add(new FakeTool("danger", ToolTraits.NeedsApproval));
        await _bench.StartAsync();
        await _bench.SayAsync("between us", thread: "over", incognito: true);
        var waits = _bench.Turns.Runner.Start(new TurnRequest { Message = "do it", ThreadId = "waits", Incognito = true });
        (await _bench.Turns.Model.NextAsync()).Calls(Call("danger"));
        await waits.Completion;
        await _bench.Turns.CrashAsync();
        _bench.Incognito.Start();
        await _bench.Incognito.DisposeAsync();
        (await _bench.Turns.Store.GetThreadAsync("incognito:over")).ShouldBeNull();
        (await _bench.Turns.Store.GetThreadAsync("incognito:waits")).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("task:x")]
    [InlineData("")]
    [InlineData(" ")]
    public async Task Id_ThatIsRefusedInTheOpen_IsRefusedHereToo(string id)
    {
        await _bench.StartAsync();
        Should.Throw<TurnRejectedException>(() => _bench.Turns.Runner.Start(new TurnRequest { Message = "x", ThreadId = id, Incognito = true })).Code.ShouldBe("thread_id_invalid");
    }
}
