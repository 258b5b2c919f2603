using CsCheck;
using ProtoAgent.Stores.Knowledge;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Knowledge.KnowledgeFixture;

namespace ProtoAgent.Tests.Stores.Knowledge;

public sealed class KnowledgeSearchTests : IAsyncDisposable
{
    private readonly KnowledgeFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("quick", "The quick brown fox")]
    [InlineData("FOXES AND fox's", "The quick brown fox")]
    [InlineData("\"brown fox\"", "The quick brown fox")]
    [InlineData("bro*", "The quick brown fox")]
    [InlineData("cafe", "Das Café schließt um 8")]
    [InlineData("東京", "私は東京に住んでいます")]
    [InlineData("住んで", "私は東京に住んでいます")]
    [InlineData("京", "私は東京に住んでいます")]
    [InlineData("す", "私は東京に住んでいます")]
    [InlineData("서울", "나는 서울에 산다")]
    [InlineData("知识库", "我们的知识库很大")]
    [InlineData("🚀", "Launch day 🚀 was fun")]
    [InlineData("db_path", "Set knowledge.db_path to move it")]
    [InlineData("Москва", "столица — москва")]
    public async Task Find_ByWhatIsInIt_Found(string query, string content)
    {
        var store = await _fixture.OpenAsync();
        await AddAsync(store, content);
        await AddAsync(store, "nothing of the kind 大阪 🎉");
        (await FindAsync(store, query)).Take(1).ShouldBe([content]);
    }

    [Theory]
    [InlineData("\"fox brown\"")]
    [InlineData("京東")]
    [InlineData("fo")]
    [InlineData("...!?")]
    [InlineData("")]
    public async Task Find_ByWhatIsNotInIt_NotFound(string query)
    {
        var store = await _fixture.OpenAsync();
        await AddAsync(store, "The quick brown fox 東京");
        (await FindAsync(store, query)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Find_AnyTextAtAll_IsAQuery()
    {
        var store = await _fixture.OpenAsync();
        await AddAsync(store, "NEAR AND OR NOT brackets");
        foreach (var query in new[] { "\"", "a\"b\"c\"", "NEAR(a b, 3)", "AND", "* * *", "col:on ^x -y +z", "(((", "'; DROP TABLE chunks; --", "\0\u0001", "\ud83d", "{a b}: c", new string('x', 100_000) })
        {
            await FindAsync(store, query);
        }

        Gen.String.Sample(text => FindAsync(store, text).GetAwaiter().GetResult(), iter: 300);
    }

    [Fact]
    public async Task Find_Filtered_KeepsToTheFilter()
    {
        var store = await _fixture.OpenAsync();
        for (var i = 0; i < 60; i++)
        {
            await AddAsync(store, $"shared word w{i} x{i} y{i}", i % 3 == 0 ? ChunkTrust.External : ChunkTrust.Operator, i % 2 == 0 ? "a" : "b", i < 30 ? "low" : "high");
        }

        var found = await store.FindWordsAsync("shared word", new ChunkFilter("high", "a", ChunkTrust.Operator), 50);
        found.Count.ShouldBe(10);
        found.ShouldAllBe(h => h.Chunk.Namespace == "high" && h.Chunk.Domain == "a" && h.Chunk.Trust == ChunkTrust.Operator);
    }

    [Fact]
    public async Task Find_CommonAndRareWords_AnswersAsScoringEverything()
    {
        var store = await _fixture.OpenAsync();
        var random = new Random(7);
        string[] words = [.. Enumerable.Range(0, 400).Select(i => $"w{i}q")];
        string Word() => words[(int)(400 * Math.Pow(random.NextDouble(), 3))];
        var pieces = Enumerable.Range(0, 3000).Select(i => new Piece(Word(), string.Join(' ', Enumerable.Range(0, 20 + random.Next(40)).Select(_ => Word())) + $" u{i}")).ToList();
        await store.ReplaceAsync(new Document("all", "all", "text", ChunkTrust.External), pieces, null, new Dictionary<string, float[]>());

        var (wanted, got) = (0, 0);
        for (var i = 0; i < 60; i++)
        {
            var query = string.Join(' ', Enumerable.Range(0, 2 + (i % 7)).Select(_ => Word()));
            var exact = (await store.FindWordsExactlyAsync(query, ChunkFilter.Any, 10)).ToList();
            var quick = (await store.FindWordsAsync(query, ChunkFilter.Any, 10)).ToList();
            quick.Count.ShouldBe(exact.Count);
            wanted += exact.Count;

            // Equal scores may come in any order.
            got += quick.Count(q => q.Score >= exact[^1].Score - 1e-4);
            quick.Select(q => q.Score).ShouldBeInOrder(SortDirection.Descending);
        }

        got.ShouldBe(wanted);
    }
}
