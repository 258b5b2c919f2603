using CsCheck;
using ProtoAgent.Stores.Knowledge;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Knowledge.KnowledgeFixture;

namespace ProtoAgent.Tests.Stores.Knowledge;

/// <summary>Whatever happened to the chunks, sealed blocks give the scores FTS5 gives.</summary>
public sealed class BlockTests : IAsyncDisposable
{
    private static readonly string[] s_words = [.. Enumerable.Range(0, 300).Select(i => (i % 10) switch { 3 => $"café{i}", 4 => $"cafe{i - 1}", 5 => $"Straße{i}s", 6 => $"東京{i}", 7 => $"v{i}.x", _ => $"word{i}s" })];

    private readonly KnowledgeFixture _fixture = new();
    private readonly Random _random = new(11);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Find_AfterEveryKindOfChange_ScoresAsFts5Does()
    {
        var store = await _fixture.OpenAsync();
        for (var d = 0; d < 7; d++)
        {
            await IngestAsync(store, $"d{d}", [.. Enumerable.Range(0, 500).Select(i => $"{Text()} unlike{d}x{i}")]);
        }

        await ComparedAsync(store, "as they came in");
        await IngestAsync(store, "d1", [.. Enumerable.Range(0, 200).Select(i => $"{Text()} later{i}")]);
        await store.UpdateAsync(40, new ChunkEdit($"{Text()} edited"));
        await store.UpdateAsync(3400, new ChunkEdit(Heading: Text()));
        await store.DeleteAsync(41);
        await store.ForgetAsync(1100, "wrong");
        await ComparedAsync(store, "edited");
        await store.DeleteSourceAsync(null, "d0");
        await store.DeleteSourceAsync(null, "d3");
        await ComparedAsync(store, "deleted");
        await store.RestoreSourceAsync(null, "d3");
        await AddAsync(store, $"{Text()} alone");
        await ComparedAsync(store, "restored");
        await store.DeleteSourceAsync(null, "d5");
        _fixture.Time.Advance(TimeSpan.FromDays(40));
        await store.PurgeAsync(_fixture.Time.GetUtcNow());
        await store.DisposeAsync();
        await ComparedAsync(await _fixture.OpenAsync(), "purged and opened again");
    }

    [Fact]
    public async Task Find_WithAFilterThatLeavesFew_FindsThemBehindTheRest()
    {
        var store = await _fixture.OpenAsync();
        await IngestAsync(store, "many", [.. Enumerable.Range(0, 1500).Select(i => $"word0 word1 n{i}")]);
        var few = (await store.AddAsync(new NewChunk("a long note that names word0 but once and says much else about other things", ChunkTrust.Operator, Namespace: "few"))).Chunk;

        (await store.FindWordsAsync("word0 word1", new ChunkFilter("few"), 5)).ShouldHaveSingleItem().Chunk.Id.ShouldBe(few.Id);
    }

    [Fact]
    public void PlainWords_OfAnyPlainText_AreItsTokens() => Gen.String[Gen.Char['\u0001', '\u007f'], 0, 200].Sample(text =>
    {
        var words = new List<string>();
        foreach (var word in new PlainWords(text, stackalloc char[SearchText.LongestWord]))
        {
            words.Add(word.ToString());
        }

        words.ShouldBe(SearchText.Tokens(text));
    });

    [Theory]
    [InlineData("café", "cafe")]
    [InlineData("ΆΓΙΟΣ", "άγιοσ")]
    [InlineData("naïve", "naive")]
    [InlineData("東京", "東京")]
    [InlineData("plain", "plain")]
    public void Fold_OfAToken_IsWhatLiesInTheIndex(string token, string folded)
    {
        using var folds = new TokenFolds();
        folds.Of(token.ToLowerInvariant()).ShouldBe([folded]);
        folds.Of(token.ToLowerInvariant()).ShouldBe([folded]);
    }

    private string Word() => s_words[(int)(s_words.Length * Math.Pow(_random.NextDouble(), 3))];

    private string Text() => string.Join(' ', Enumerable.Range(0, 10 + _random.Next(30)).Select(_ => Word()));

    private async Task ComparedAsync(KnowledgeStore store, string when)
    {
        for (var i = 0; i < 25; i++)
        {
            var query = string.Join(' ', Enumerable.Range(0, 1 + (i % 5)).Select(_ => Word())) + (i % 6 == 0 ? " \"word0 word1\" wor*" : "");
            var exact = await store.FindWordsExactlyAsync(query, ChunkFilter.Any, 12);
            var ours = await store.FindWordsAsync(query, ChunkFilter.Any, 12);
            ours.Count.ShouldBe(exact.Count, $"{when}: {query}");
            for (var at = 0; at < ours.Count; at++)
            {
                ours[at].Score.ShouldBe(exact[at].Score, 1e-4, $"{when}: {query}, at {at}");
            }
        }
    }
}
