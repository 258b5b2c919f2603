using System.Numerics.Tensors;
using ProtoAgent.Stores.Knowledge;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Knowledge.KnowledgeFixture;

namespace ProtoAgent.Tests.Stores.Knowledge;

public sealed class KnowledgeVectorTests : IAsyncDisposable
{
    private const string Model = "m/8";

    private readonly KnowledgeFixture _fixture = new();
    private readonly Random _random = new(3);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(KnowledgeFixture.Memory)]
    [InlineData(0)]
    public async Task FindNear_AgainstEveryProduct_IsExact(long memory)
    {
        var store = await _fixture.OpenAsync(memory);
        var vectors = await FillAsync(store, 500);
        for (var i = 0; i < 20; i++)
        {
            var query = Vector();
            var expected = vectors.OrderByDescending(v => TensorPrimitives.CosineSimilarity(v.Value, query)).Take(7).Select(v => v.Key);
            (await store.FindNearAsync(Model, query, ChunkFilter.Any, 7)).Select(h => h.Chunk.Id).ShouldBe(expected);
        }
    }

    [Fact]
    public async Task FindNear_AfterEditsAndDeletes_AnswersWithWhatIsThere()
    {
        var store = await _fixture.OpenAsync();
        var vectors = await FillAsync(store, 50);
        var query = Vector();
        var order = vectors.OrderByDescending(v => TensorPrimitives.CosineSimilarity(v.Value, query)).Select(v => v.Key).ToList();
        (await store.FindNearAsync(Model, query, ChunkFilter.Any, 3)).Select(h => h.Chunk.Id).ShouldBe(order[..3]);

        await store.DeleteAsync(order[0]);
        await store.ForgetAsync(order[1], null);
        await store.UpdateAsync(order[2], new ChunkEdit(Content: "other words altogether"));
        (await store.FindNearAsync(Model, query, ChunkFilter.Any, 3)).Select(h => h.Chunk.Id).ShouldBe(order[3..6]);
        (await store.WithoutVectorAsync(Model, 0, 10)).ShouldHaveSingleItem().Id.ShouldBe(order[2]);

        var changed = (await store.GetAsync(order[2]))!;
        (await store.PutVectorsAsync(Model, [(changed, query), (changed with { Content = "stale" }, query)])).ShouldBe(1);
        (await store.FindNearAsync(Model, query, ChunkFilter.Any, 1)).ShouldHaveSingleItem().Chunk.Id.ShouldBe(order[2]);
    }

    [Fact]
    public async Task FindNear_OfAnotherModel_FindsNothing()
    {
        var store = await _fixture.OpenAsync();
        await FillAsync(store, 5);
        (await store.FindNearAsync("other/8", Vector(), ChunkFilter.Any, 3)).ShouldBeEmpty();
        (await store.WithoutVectorAsync("other/8", 0, 10)).Count.ShouldBe(5);
        (await store.StatsAsync(Model)).Embedded.ShouldBe(5);
    }

    [Fact]
    public async Task Memory_SomeTimeAfterTheLastSearch_IsGivenBack()
    {
        var store = await _fixture.OpenAsync();
        await FillAsync(store, 5);
        store.VectorMemory.ShouldBe(0);
        await store.FindNearAsync(Model, Vector(), ChunkFilter.Any, 3);
        store.VectorMemory.ShouldBe(5 * 8 * 4);
        _fixture.Time.Advance(TimeSpan.FromMinutes(3));
        store.VectorMemory.ShouldBe(0);
        (await store.FindNearAsync(Model, Vector(), ChunkFilter.Any, 3)).Count.ShouldBe(3);
    }

    private float[] Vector() => [.. Enumerable.Range(0, 8).Select(_ => (float)(_random.NextDouble() - 0.5))];

    private async Task<Dictionary<long, float[]>> FillAsync(KnowledgeStore store, int count)
    {
        var pieces = Enumerable.Range(0, count).Select(i => new Piece("", $"piece p{i}")).ToList();
        var vectors = pieces.ToDictionary(p => Convert.ToHexString(p.Digest), _ => Vector());
        await store.ReplaceAsync(new Document("d", "d", "text", ChunkTrust.External), pieces, Model, vectors);
        var chunks = new List<Chunk>();
        for (long? before = null; ;)
        {
            var page = await store.ListAsync(ChunkFilter.Any, false, 500, before);
            chunks.AddRange(page.Items);
            if (page.Next is null)
            {
                return chunks.ToDictionary(c => c.Id, c => vectors[Convert.ToHexString(new Piece("", c.Content).Digest)]);
            }

            before = long.Parse(page.Next);
        }
    }
}
