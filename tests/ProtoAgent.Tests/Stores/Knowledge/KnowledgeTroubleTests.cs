using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Knowledge;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Knowledge.KnowledgeFixture;

namespace ProtoAgent.Tests.Stores.Knowledge;

/// <summary>Trouble with the file: what can't be written is refused whole, and what is there is still found.</summary>
public sealed class KnowledgeTroubleTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task DiskFull_DocumentIsRefusedWhole_WhatIsThereIsFound_AndItComesInWhenFreed()
    {
        using var disk = SmallDisk.Mount(_folder.Path);
        await using var store = await OpenAsync(disk.Path);
        await AddAsync(store, "the lighthouse burns at night");
        var ballast = disk.Fill();
        string[] pieces = [.. Enumerable.Range(0, 100).Select(i => $"piece{i} of the great book, " + new string((char)('a' + (i % 26)), 1_000))];

        (await Should.ThrowAsync<StoreException>(IngestAsync(store, "book", pieces))).Code.ShouldBe("store_full");
        (await Should.ThrowAsync<StoreException>(AddAsync(store, new string('n', 30_000)))).Code.ShouldBe("store_full");

        store.Problem!.Code.ShouldBe("store_full");
        (await FindAsync(store, "lighthouse")).Count.ShouldBe(1);
        (await FindAsync(store, "book")).ShouldBeEmpty();
        (await store.DocumentsAsync(null, true, 10)).Items.ShouldBeEmpty();
        (await store.CountAsync()).ShouldBe(1);
        File.Delete(ballast);
        (await IngestAsync(store, "book", pieces)).Added.ShouldBe(100);
        (await FindAsync(store, "piece77 book", limit: 1)).ShouldHaveSingleItem().ShouldStartWith("piece77 ");
        store.Problem.ShouldBeNull();
    }

    [Fact]
    public async Task DiskFull_WhenABlockIsSealed_LosesNothingThatWasTakenIn()
    {
        // Sealing shares the transaction of the document that filled the block, so neither is there without the other.
        using var disk = SmallDisk.Mount(_folder.Path);
        await using var store = await OpenAsync(disk.Path);
        await IngestAsync(store, "first", [.. Enumerable.Range(0, 1_015).Select(i => $"same w{i}")]);
        var taken = 1_015L;
        StoreException? full = null;
        for (var d = 0; d < 500 && full is null; d++)
        {
            try
            {
                taken += (await IngestAsync(store, $"d{d}", [$"same v{d}", $"same x{d}"])).Added;
            }
            catch (StoreException e)
            {
                full = e;
            }
        }

        full.ShouldNotBeNull().Code.ShouldBe("store_full");
        taken.ShouldBeGreaterThan(1_024, "or no block was sealed");
        (await store.CountAsync()).ShouldBe(taken);
        (await store.FindWordsAsync("same", ChunkFilter.Any, 500)).Count.ShouldBe(500);
    }

    [Fact]
    public async Task ReadOnly_IsSaidWithWhatToDo()
    {
        using var disk = SmallDisk.Mount(_folder.Path);
        await (await OpenAsync(disk.Path)).DisposeAsync();
        disk.MakeReadOnly();

        var refused = await Should.ThrowAsync<StoreException>(OpenAsync(disk.Path));

        refused.Code.ShouldBe("store_read_only");
        refused.Message.ShouldContain("agent.db");
        refused.Message.ShouldContain("may write");
    }

    [Fact]
    public async Task PagesDamaged_SearchesAndWritesSayCorrupt_AndTheFileIsLeftAsItIs()
    {
        await using (var store = await OpenAsync(_folder.Path))
        {
            await IngestAsync(store, "d", [.. Enumerable.Range(0, 1_500).Select(i => $"some words and number{i}")]);
        }

        var path = _folder.Paths().Knowledge;
        await using (var file = File.OpenWrite(path))
        {
            file.Position = 4096;
            file.Write(Enumerable.Repeat((byte)0xA5, (int)file.Length - 4096).ToArray());
        }

        var before = await File.ReadAllBytesAsync(path);
        await using (var damaged = await OpenAsync(_folder.Path))
        {
            (await Should.ThrowAsync<StoreException>(FindAsync(damaged, "words"))).Code.ShouldBe("store_corrupt");
            var refused = await Should.ThrowAsync<StoreException>(AddAsync(damaged, "one more"));
            refused.Code.ShouldBe("store_corrupt");
            refused.Message.ShouldContain(path);
            damaged.Problem!.Code.ShouldBe("store_corrupt");
        }

        (await File.ReadAllBytesAsync(path)).ShouldBe(before);
    }

    private Task<KnowledgeStore> OpenAsync(string dataHome) =>
        KnowledgeStore.OpenAsync(_folder.Paths(dataHome), KnowledgeFixture.Memory, TimeProvider.System, NullLogger<KnowledgeStore>.Instance);
}
