using System.Net;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Knowledge;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Knowledge;

public sealed class KnowledgeServiceTests : IAsyncDisposable
{
    private readonly KnowledgeBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Search_WithoutVectors_ByWords()
    {
        var knowledge = await _bench.OpenAsync();
        await AddAsync(knowledge, "The cat is an animal.");
        (await SearchAsync(knowledge, "cats")).ShouldBe(["The cat is an animal."]);
        (await SearchAsync(knowledge, "  ")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Search_WithVectors_FindsWhatSharesNoWord()
    {
        var knowledge = await _bench.OpenAsync(embeddings: true);
        _bench.Topics = ["cat|dog", "money", "weather"];
        await AddAsync(knowledge, "It rains: weather report");
        await AddAsync(knowledge, "Coins are money");
        (await SearchAsync(knowledge, "about weather tomorrow"))[0].ShouldBe("It rains: weather report");
        (await SearchAsync(knowledge, "money")).ShouldBe(["Coins are money", "It rains: weather report"]);
    }

    [Fact]
    public async Task Search_ModelDown_ByWordsAtOnceWithAWarningAndBackLater()
    {
        var knowledge = await _bench.OpenAsync(embeddings: true);
        _bench.Failing = HttpStatusCode.InternalServerError;
        await AddAsync(knowledge, "Coins are money");
        knowledge.Warnings().ShouldBeEmpty();
        (await SearchAsync(knowledge, "coins")).Count.ShouldBe(1);
        var calls = _bench.Calls;
        (await SearchAsync(knowledge, "coins")).Count.ShouldBe(1);
        _bench.Calls.ShouldBe(calls, "It is left alone.");
        var warning = knowledge.Warnings().ShouldHaveSingleItem();
        warning.Code.ShouldBe("knowledge_embeddings_down");
        warning.Message.ShouldContain("out of order");

        _bench.Failing = null;
        _bench.Time.Advance(TimeSpan.FromSeconds(31));
        await SearchAsync(knowledge, "coins");
        knowledge.Warnings().ShouldBeEmpty();
        await FilledAsync(knowledge, "small/3", 1);
    }

    [Fact]
    public async Task Search_AfterTheModelWasChanged_MakesTheVectorsAnew()
    {
        await using (var before = await _bench.OpenAsync(embeddings: true))
        {
            await AddAsync(before, "Coins are money");
            await AddAsync(before, "It rains: weather report");
        }

        var after = await _bench.OpenAsync(embeddings: true, model: "other");
        await SearchAsync(after, "money");
        await FilledAsync(after, "other/3", 2);
        (await (await after.StoreAsync()).StatsAsync("small/3")).Embedded.ShouldBe(0);
    }

    [Fact]
    public async Task Search_TheSameTextFromTwoSources_SaidOnce()
    {
        var knowledge = await _bench.OpenAsync();
        var store = await knowledge.StoreAsync();
        foreach (var source in new[] { "a", "b" })
        {
            await store.ReplaceAsync(new Document(source, source, "text", ChunkTrust.External), [new Piece("", "the very same words")], null, new Dictionary<string, float[]>());
        }

        (await knowledge.SearchAsync("same words", 5, ChunkFilter.Any)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Store_Damaged_SaidBeforeItIsNeededAndOpenedOnceMended()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_bench.Paths.Knowledge)!);
        await File.WriteAllBytesAsync(_bench.Paths.Knowledge, new byte[4096].Select((_, i) => (byte)(i * 7)).ToArray());
        var knowledge = await _bench.OpenAsync();
        knowledge.Examine();
        knowledge.Warnings().ShouldHaveSingleItem().Message.ShouldContain(_bench.Paths.Knowledge);
        await Should.ThrowAsync<StoreException>(() => knowledge.SearchAsync("x", 1, ChunkFilter.Any));

        File.Delete(_bench.Paths.Knowledge);
        (await SearchAsync(knowledge, "x")).ShouldBeEmpty();
        knowledge.Warnings().ShouldBeEmpty();
    }

    [Fact]
    public async Task Store_NotAskedFor_IsNotMade()
    {
        var knowledge = await _bench.OpenAsync();
        knowledge.Examine();
        await knowledge.DisposeAsync();
        File.Exists(_bench.Paths.Knowledge).ShouldBeFalse();
    }

    [Fact]
    public async Task Add_ThinkingThatLeaked_IsNotKept()
    {
        var knowledge = await _bench.OpenAsync();
        (await knowledge.AddAsync(new NewChunk("<think>maybe 7?</think>The door code is 42.", ChunkTrust.Agent))).Chunk.Content.ShouldBe("The door code is 42.");
        (await Should.ThrowAsync<KnowledgeException>(() => knowledge.AddAsync(new NewChunk("<think>only this", ChunkTrust.Agent)))).Code.ShouldBe("only_reasoning");
    }

    private static async Task AddAsync(KnowledgeService knowledge, string content) => await knowledge.AddAsync(new NewChunk(content, ChunkTrust.Operator));

    private static async Task<IReadOnlyList<string>> SearchAsync(KnowledgeService knowledge, string query) =>
        [.. (await knowledge.SearchAsync(query, 5, ChunkFilter.Any)).Select(h => h.Chunk.Content)];

    /// <summary>Vectors are made in the background; this waits on the store, which is where they show.</summary>
    private static async Task FilledAsync(KnowledgeService knowledge, string model, long count)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await (await knowledge.StoreAsync()).StatsAsync(model, late.Token)).Embedded < count)
        {
            await Task.Yield();
        }
    }
}
