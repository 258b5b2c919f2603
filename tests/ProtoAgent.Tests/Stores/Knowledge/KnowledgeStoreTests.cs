using ProtoAgent.Stores.Knowledge;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Knowledge.KnowledgeFixture;

namespace ProtoAgent.Tests.Stores.Knowledge;

public sealed class KnowledgeStoreTests : IAsyncDisposable
{
    private const string Policy = "The staging server is restarted every Monday at six in the morning by the operations team, and nobody is asked before";

    private readonly KnowledgeFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Add_AndReopen_IsFoundWithEverythingSaidOfIt()
    {
        var store = await _fixture.OpenAsync();
        var added = (await store.AddAsync(new NewChunk("The cat sat.", ChunkTrust.Agent, "Pets", "home", "animals", "mind"))).Chunk;
        await store.DisposeAsync();

        var found = (await (await _fixture.OpenAsync()).FindWordsAsync("cats", ChunkFilter.Any, 5)).ShouldHaveSingleItem();
        found.Chunk.ShouldBe(added);
        (added.Heading, added.Namespace, added.Domain, added.Source, added.Trust).ShouldBe(("Pets", "home", "animals", "mind", ChunkTrust.Agent));
        found.Score.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Add_SameWordsAgain_Skipped()
    {
        var store = await _fixture.OpenAsync();
        var first = await AddAsync(store, Policy);
        var again = await store.AddAsync(new NewChunk(Policy + "!", ChunkTrust.Operator));
        again.ShouldBeOfType<ChunkAdd.Duplicate>().Chunk.Id.ShouldBe(first.Id);
        (await store.StatsAsync()).Chunks.ShouldBe(1);
    }

    [Fact]
    public async Task Add_ALaterVersion_TakesThePlaceAndKeepsTheEarlier()
    {
        var store = await _fixture.OpenAsync();
        var first = await AddAsync(store, Policy);
        var later = (await store.AddAsync(new NewChunk(Policy.Replace("Monday at six", "Friday at nine", StringComparison.Ordinal), ChunkTrust.Operator))).ShouldBeOfType<ChunkAdd.Revised>();
        later.Earlier.Id.ShouldBe(first.Id);
        (await FindAsync(store, "staging server")).ShouldHaveSingleItem().ShouldContain("Friday");
        (await FindAsync(store, "Monday")).ShouldBeEmpty();
        (await store.EarlierAsync(later.Chunk.Id)).ShouldHaveSingleItem().Content.ShouldBe(Policy);
        (await store.GetAsync(first.Id))!.SupersededBy.ShouldBe(later.Chunk.Id);
    }

    /// <summary>Nothing in it is rare: it is looked up all the same.</summary>
    [Fact]
    public async Task Add_AgainOfCommonWordsAlone_Skipped()
    {
        var store = await _fixture.OpenAsync();
        await IngestAsync(store, "many", [.. Enumerable.Range(0, 21_000).Select(i => $"tea time u{i}")]);
        var first = await AddAsync(store, "tea time");
        (await store.AddAsync(new NewChunk("Time: tea!", ChunkTrust.Operator))).ShouldBeOfType<ChunkAdd.Duplicate>().Chunk.Id.ShouldBe(first.Id);
    }

    [Theory]
    [InlineData("other", "general")]
    [InlineData("", "other")]
    public async Task Add_SameWordsElsewhere_IsAnotherChunk(string @namespace, string domain)
    {
        var store = await _fixture.OpenAsync();
        await AddAsync(store, Policy);
        await AddAsync(store, Policy, @namespace: @namespace, domain: domain);
        (await store.StatsAsync()).Chunks.ShouldBe(2);
    }

    /// <summary>A page that repeats what the operator said, with one lie in it, must not put itself in its place.</summary>
    [Fact]
    public async Task Add_ALaterVersionTrustedLess_TakesNothingsPlace()
    {
        var store = await _fixture.OpenAsync();
        await AddAsync(store, Policy);
        (await store.AddAsync(new NewChunk(Policy.Replace("Monday at six", "Friday at nine", StringComparison.Ordinal), ChunkTrust.External))).ShouldBeOfType<ChunkAdd.Added>();
        (await FindAsync(store, "staging", new ChunkFilter(Floor: ChunkTrust.Operator))).ShouldHaveSingleItem().ShouldBe(Policy);
        (await store.AddAsync(new NewChunk(Policy + " ever", ChunkTrust.Agent))).ShouldBeOfType<ChunkAdd.Duplicate>();
    }

    [Fact]
    public async Task Add_SameWordsTrustedMore_TakeThePlace()
    {
        var store = await _fixture.OpenAsync();
        await AddAsync(store, Policy, ChunkTrust.External);
        (await store.AddAsync(new NewChunk(Policy, ChunkTrust.Operator))).ShouldBeOfType<ChunkAdd.Revised>();
        (await store.FindWordsAsync("staging", ChunkFilter.Any, 5)).ShouldHaveSingleItem().Chunk.Trust.ShouldBe(ChunkTrust.Operator);
    }

    [Fact]
    public async Task Update_Content_KeepsTheIdAndIsFoundByTheNewWordsAlone()
    {
        var store = await _fixture.OpenAsync();
        var chunk = await AddAsync(store, "The password rotates yearly.");
        var changed = await store.UpdateAsync(chunk.Id, new ChunkEdit(Content: "The certificate rotates monthly.", Domain: "security"));
        (changed!.Id, changed.Domain, changed.Content).ShouldBe((chunk.Id, "security", "The certificate rotates monthly."));
        (await FindAsync(store, "password")).ShouldBeEmpty();
        (await FindAsync(store, "certificate")).Count.ShouldBe(1);
        (await store.UpdateAsync(999, new ChunkEdit(Domain: "x"))).ShouldBeNull();
    }

    [Fact]
    public async Task Delete_IsADeleteAndForget_CanStillBeRead()
    {
        var store = await _fixture.OpenAsync();
        var (gone, forgotten) = (await AddAsync(store, "one thing"), await AddAsync(store, "another matter"));
        (await store.DeleteAsync(gone.Id)).ShouldBeTrue();
        (await store.DeleteAsync(gone.Id)).ShouldBeFalse();
        (await store.ForgetAsync(forgotten.Id, "it was wrong")).ShouldBeTrue();
        (await store.ForgetAsync(forgotten.Id, "again")).ShouldBeFalse();

        (await store.GetAsync(gone.Id)).ShouldBeNull();
        (await store.GetAsync(forgotten.Id))!.Reason.ShouldBe("it was wrong");
        (await FindAsync(store, "one thing another matter")).ShouldBeEmpty();
        (await store.StatsAsync()).Chunks.ShouldBe(0);
    }

    [Fact]
    public async Task List_Paged_GivesEachOnceNewestFirst()
    {
        var store = await _fixture.OpenAsync();
        for (var i = 0; i < 7; i++)
        {
            await AddAsync(store, $"fact number w{i}", domain: i % 2 == 0 ? "even" : "odd");
        }

        var (seen, before) = (new List<string>(), (long?)null);
        do
        {
            var page = await store.ListAsync(ChunkFilter.Any, withInvalid: false, 3, before);
            seen.AddRange(page.Items.Select(c => c.Content));
            before = page.Next is { } next ? long.Parse(next) : null;
        }
        while (before is not null);

        seen.ShouldBe(Enumerable.Range(0, 7).Reverse().Select(i => $"fact number w{i}"));
        (await store.ListAsync(new ChunkFilter(Domain: "odd"), withInvalid: false, 10)).Items.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Ingest_Again_WritesOnlyWhatChanged()
    {
        var store = await _fixture.OpenAsync();
        (await IngestAsync(store, "a.md", "alpha stays", Policy, "omega stays")).ShouldBe(new DocumentChange(3, 0, 0, false));
        var before = (await store.ListAsync(ChunkFilter.Any, false, 10)).Items.ToDictionary(c => c.Content, c => c.Id);
        (await IngestAsync(store, "a.md", "alpha stays", Policy, "omega stays")).ShouldBe(new DocumentChange(0, 3, 0, true));

        var revised = Policy.Replace("Monday", "Sunday", StringComparison.Ordinal);
        (await IngestAsync(store, "a.md", "alpha stays", "something new", revised)).ShouldBe(new DocumentChange(2, 1, 2, false));
        var after = (await store.ListAsync(ChunkFilter.Any, false, 10)).Items.ToDictionary(c => c.Content, c => c.Id);
        after["alpha stays"].ShouldBe(before["alpha stays"]);
        after.Keys.ShouldBe(["alpha stays", "something new", revised], ignoreOrder: true);
        (await store.EarlierAsync(after[revised])).ShouldHaveSingleItem().Content.ShouldBe(Policy);
        (await store.GetAsync(before["omega stays"]))!.Invalidation.ShouldBe(Invalidation.Replaced);
    }

    [Fact]
    public async Task Source_DeletedAndRestored_IsGoneAndBackJustSo()
    {
        var store = await _fixture.OpenAsync();
        await IngestAsync(store, "a.md", "alpha first", "beta second");
        await IngestAsync(store, "b.md", "alpha other");
        await IngestAsync(store, "a.md", "alpha first", "gamma third");
        (await store.DeleteSourceAsync(null, "a.md")).ShouldBe(2);
        (await FindAsync(store, "alpha beta gamma")).ShouldBe(["alpha other"]);
        (await store.DocumentsAsync(null, withDeleted: false, 10)).Items.ShouldHaveSingleItem().Document.Source.ShouldBe("b.md");

        (await store.RestoreSourceAsync(null, "a.md")).ShouldBe(2);
        (await FindAsync(store, "alpha beta gamma")).ShouldBe(["gamma third", "alpha first", "alpha other"], ignoreOrder: true);
        (await store.RestoreSourceAsync(null, "a.md")).ShouldBe(0);
        (await store.DocumentsAsync(null, withDeleted: false, 1)).Next.ShouldNotBeNull();
    }

    [Fact]
    public async Task Purge_OldDeletions_GoForGoodAndTheRestStays()
    {
        var store = await _fixture.OpenAsync();
        await IngestAsync(store, "a.md", "alpha");
        await store.DeleteSourceAsync(null, "a.md");
        _fixture.Time.Advance(TimeSpan.FromDays(2));
        await IngestAsync(store, "b.md", "beta");
        await store.DeleteSourceAsync(null, "b.md");
        (await store.PurgeAsync(_fixture.Time.GetUtcNow() - TimeSpan.FromDays(1))).ShouldBe(1);
        (await store.RestoreSourceAsync(null, "a.md")).ShouldBe(0);
        (await store.RestoreSourceAsync(null, "b.md")).ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \n")]
    public async Task Add_Blank_Refused(string content) =>
        await Should.ThrowAsync<ArgumentException>(async () => await (await _fixture.OpenAsync()).AddAsync(new NewChunk(content, ChunkTrust.Agent)));

    [Fact]
    public async Task Ingests_WrittenAndReadBack_AreTheSame()
    {
        var store = await _fixture.OpenAsync();
        var ingest = new Ingest("i1", "a.md", IngestStatus.Running, "p1", _fixture.Time.GetUtcNow()) { Documents = 3 };
        await store.PutIngestAsync(ingest);
        ingest = ingest with { Status = IngestStatus.Done, FinishedAt = _fixture.Time.GetUtcNow(), DocumentsDone = 3, ChunksAdded = 9 };
        await store.PutIngestAsync(ingest);
        (await store.GetIngestAsync("i1")).ShouldBe(ingest);
        (await store.IngestsAsync(5)).Items.ShouldHaveSingleItem().ShouldBe(ingest);
    }
}
