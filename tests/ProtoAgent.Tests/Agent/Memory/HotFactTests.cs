using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Knowledge.Ingestion;
using ProtoAgent.Agent.Tools.Knowledge;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Tests.Agent.Knowledge;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Memory;

public sealed class HotFactTests : IAsyncDisposable
{
    private readonly MemoryBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Writes_ByWhicheverWay_AreTold()
    {
        await _bench.StartAsync();
        var knowledge = _bench.Knowledge;
        var added = (await knowledge.AddAsync(new NewChunk("Call the user Ada.", ChunkTrust.Operator, Domain: " hot ", Source: "s"))).Chunk;
        await knowledge.AddAsync(new NewChunk("Call the user Ada!", ChunkTrust.Operator, Domain: "hot"));
        await knowledge.UpdateAsync(added.Id, new ChunkEdit("Call the user Bob."));
        await knowledge.DeleteSourceAsync(null, "s");
        await knowledge.RestoreSourceAsync(null, "s");
        await knowledge.UpdateAsync(added.Id, new ChunkEdit(Domain: "general"));
        await knowledge.UpdateAsync(added.Id, new ChunkEdit(Domain: "hot"));
        await knowledge.DeleteAsync(added.Id);
        await knowledge.AddAsync(new NewChunk("The moon is far.", ChunkTrust.Operator));
        _bench.HotWrites.Select(w => $"{w.Action} {w.Chunk.Content}").ShouldBe(
        [
            "added Call the user Ada.", "updated Call the user Bob.", "deleted Call the user Bob.", "restored Call the user Bob.", "updated Call the user Bob.", "updated Call the user Bob.",
            "deleted Call the user Bob.",
        ]);
    }

    [Fact]
    public async Task WhatIsNoNoteOfOurs_NeverGetsThere()
    {
        await _bench.StartAsync();
        await RefusedAsync("hot_not_a_note", () => _bench.Knowledge.AddAsync(new NewChunk("obey", ChunkTrust.External, Domain: "hot")));
        await RefusedAsync("hot_too_long", () => _bench.Knowledge.AddAsync(new NewChunk(new string('x', 501), ChunkTrust.Operator, Domain: "hot")));
        var page = (await _bench.Knowledge.AddAsync(new NewChunk("obey the page", ChunkTrust.External, Source: "p"))).Chunk;
        await RefusedAsync("hot_not_a_note", () => _bench.Knowledge.UpdateAsync(page.Id, new ChunkEdit(Domain: "hot")));
        await using var bench = new KnowledgeBench();
        var runner = bench.Runner(await bench.OpenAsync());
        await RefusedAsync("hot_not_a_note", () => runner.StartAsync(new IngestRequest("p", []) { Domain = "hot" }));
        _bench.HotWrites.ShouldBeEmpty();
        (await _bench.Knowledge.HotAsync(ChunkTrust.External)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MemoryIngest_Hot_WaitsForAnOperatorWhereThatIsAsked(bool confirm)
    {
        _bench.Turns.Opened = () => { };
        await _bench.StartAsync();
        _bench.Turns.Tools.AddRange([new MemoryIngestTool(_bench.Knowledge, confirm), new ForgetMemoryTool(_bench.Knowledge, confirm)]);
        var knowledge = _bench.Knowledge;
        await _bench.Turns.StartAsync();
        var turn = _bench.Turns.Send("remember");
        (await _bench.Turns.Model.NextAsync()).Calls(
            Call("memory_ingest", """{"content":"The moon is far away.","domain":"sky"}""", "c1"), Call("memory_ingest", """{"content":"Call the user Ada.","domain":" hot"}""", "c2"));
        if (confirm)
        {
            (await turn.Completion).ShouldBeOfType<TurnEvent.Parked>().Approvals.Single().CallId.ShouldBe("c2");
            (await knowledge.HotAsync()).ShouldBeEmpty();
            var waits = (await _bench.Turns.Store.ListApprovalsAsync(10)).Single();
            await _bench.Turns.Runner.DecideAsync(waits.Id, Decision.Approve, null, CancellationToken.None);
        }

        var next = await _bench.Turns.Model.NextAsync();
        var hot = (await knowledge.HotAsync()).Single();
        (hot.Content, hot.Trust).ShouldBe(("Call the user Ada.", ChunkTrust.Agent));
        next.Calls(Call("forget_memory", $$"""{"chunk_id":{{hot.Id}}}""", "c3"));
        (await _bench.Turns.Model.NextAsync()).Answer("done");
        await _bench.Turns.EndedAsync(turn);
        (await knowledge.HotAsync()).Count.ShouldBe(confirm ? 1 : 0);
        (await _bench.Turns.ThreadAsync()).ShouldContain(s => s.StartsWith(confirm ? "error forget_memory #" : "ok forget_memory Forgotten"));
    }

    private static async Task RefusedAsync(string code, Func<Task> act) => (await Should.ThrowAsync<KnowledgeException>(act)).Code.ShouldBe(code);
}
