using System.Collections.Concurrent;
using ProtoAgent.Stores.Inbox;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Inbox.InboxFixture;

namespace ProtoAgent.Tests.Stores.Inbox;

/// <summary>Many writers and readers, and many processes: each opened store on the file stands for one.</summary>
public sealed class InboxConcurrencyTests : IAsyncLifetime
{
    private const int Writers = 20;
    private const int Each = 100;

    private readonly InboxFixture _fixture = new();
    private readonly ConcurrentDictionary<string, int> _delivered = new();
    private readonly ConcurrentDictionary<(string Id, long Fence), string> _handed = new();
    private readonly ConcurrentBag<InboxItem> _ghosts = [];
    private InboxStore _here = null!;
    private InboxStore _there = null!;

    public async ValueTask InitializeAsync()
    {
        _here = await _fixture.OpenAsync();
        _there = await _fixture.OpenAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Claim_ManyWritersAndReadersThatDie_EveryItemIsReadExactlyOnce()
    {
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteAsync(w))));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(r => Task.Run(() => ReadAsync(r, writing))));
        var acknowledged = (await writing).SelectMany(ids => ids).ToList();

        // Everybody is dead now; the last one finds what they had in hand.
        _fixture.Live.Clear();
        _fixture.Live["last"] = true;
        while (await _here.ClaimAsync(InboxPriority.Later, 100, "last") is { Count: > 0 } left)
        {
            await DeliverAsync(_here, left);
        }

        // What was taken from the dead is theirs no more.
        _ghosts.ShouldNotBeEmpty();
        await Task.WhenAll(_ghosts.Select(g => Should.ThrowAsync<StaleClaimException>(_there.DeliverAsync(g.Id, g.Fence, "ghost"))));

        acknowledged.Distinct().Count().ShouldBe(Writers * Each);
        _delivered.Keys.ShouldBe(acknowledged, ignoreOrder: true);
        _delivered.Values.ShouldAllBe(times => times == 1);
        (await _there.CountPendingAsync()).ShouldBe(0);
        (await AllAsync()).Sum(i => i.Fence).ShouldBe(Writers * Each + _ghosts.Count, "each death, and nothing else, cost its items a claim");
    }

    [Fact]
    public async Task Add_ManyProcessesWithOneKey_IsOneItem()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() =>
            (i % 2 == 0 ? _here : _there).AddAsync(new NewItem($"{i}", InboxPriority.Next, "ci", "k"), Window, 5))));

        var added = answers.OfType<InboxAdd.Added>().ShouldHaveSingleItem().Item;
        answers.OfType<InboxAdd.Deduplicated>().Select(d => d.Existing.Id).ShouldBe(Enumerable.Repeat(added.Id, 39));
    }

    [Fact]
    public async Task Add_ManyProcessesInOneStorm_TakeTheLimitAndCountTheRest()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() =>
            (i % 2 == 0 ? _here : _there).AddAsync(new NewItem($"{i}", InboxPriority.Next, "ci"), Window, 8))));

        answers.OfType<InboxAdd.Added>().Count().ShouldBe(8);
        var storms = answers.OfType<InboxAdd.Storm>().ToList();
        storms.Select(s => s.Refused).ShouldBe(Enumerable.Range(1, 52).Select(n => (long)n), ignoreOrder: true);
        var notice = storms.Select(s => s.Notice.Id).Distinct().ShouldHaveSingleItem();
        (await _there.GetAsync(notice))!.Text.ShouldStartWith("52 items from 'ci' refused");
    }

    private async Task<List<string>> WriteAsync(int writer)
    {
        var ids = new List<string>();
        for (var i = 0; i < Each; i++)
        {
            var store = writer % 2 == 0 ? _here : _there;
            ids.Add((await AddAsync(store, $"{writer}/{i}", (InboxPriority)(i % 3), $"writer {writer}", $"{writer}/{i}")).Id);
        }

        return ids;
    }

    /// <summary>Every third claim ends with the death of its process after half of it; the next one is made by another.</summary>
    private async Task ReadAsync(int reader, Task writing)
    {
        var store = reader % 2 == 0 ? _here : _there;
        for (var claims = 1; ; claims++)
        {
            var claimer = $"reader {reader}/{claims / 3}";
            _fixture.Live[claimer] = true;
            var last = writing.IsCompleted;
            var items = await store.ClaimAsync(InboxPriority.Later, 10, claimer);
            if (items.Count == 0 && last)
            {
                return;
            }

            items.ShouldAllBe(i => _handed.TryAdd(ValueTuple.Create(i.Id, i.Fence), claimer));
            var dies = claims % 3 == 2;
            var read = dies ? items.Take(items.Count / 2).ToList() : items;
            await DeliverAsync(store, read);
            if (dies)
            {
                foreach (var item in items.Skip(read.Count))
                {
                    _ghosts.Add(item);
                }

                _fixture.Live[claimer] = false;
            }
        }
    }

    private async Task DeliverAsync(InboxStore store, IReadOnlyList<InboxItem> items)
    {
        foreach (var item in items)
        {
            await store.DeliverAsync(item.Id, item.Fence, "turn");
            _delivered.AddOrUpdate(item.Id, 1, (_, times) => times + 1);
        }
    }

    private async Task<List<InboxItem>> AllAsync()
    {
        var all = new List<InboxItem>();
        string? cursor = null;
        do
        {
            var page = await _here.ListAsync(InboxPriority.Later, includeDelivered: true, InboxStore.MaxPage, cursor);
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        return all;
    }
}
