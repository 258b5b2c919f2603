using Microsoft.Data.Sqlite;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Inbox;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Inbox.InboxFixture;

namespace ProtoAgent.Tests.Stores.Inbox;

/// <summary>What is seen, what is forgotten, what lies in the file.</summary>
public sealed class InboxListTests : IAsyncLifetime
{
    private readonly InboxFixture _fixture = new();
    private InboxStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await _fixture.OpenAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task List_OpenThenEnded_InTheirOrders()
    {
        foreach (var text in new[] { "gone 1", "gone 2", "in hand" })
        {
            await AddAsync(_store, text);
            await ClaimOneAsync(_store);
        }

        foreach (var item in (await _store.ListAsync(InboxPriority.Later, includeDelivered: false, 2)).Items)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await _store.DeliverAsync(item.Id, item.Fence, "turn");
        }

        await AddAsync(_store, "later", InboxPriority.Later);
        await AddAsync(_store, "now", InboxPriority.Now);

        (await TextsAsync(_store)).ShouldBe(["now", "in hand", "later"]);
        (await TextsAsync(_store, includeDelivered: true)).ShouldBe(["now", "in hand", "later", "gone 2", "gone 1"]);
        (await _store.ListAsync(InboxPriority.Now, includeDelivered: true, 10)).Items.Select(i => i.Text).ShouldBe(["now"]);
        (await _store.ListAsync(InboxPriority.Next, includeDelivered: true, 10)).Items.Select(i => i.Text).ShouldBe(["now", "in hand", "gone 2", "gone 1"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(19)]
    public async Task List_PageByPage_IsTheWholeListEachOnce(int limit)
    {
        for (var i = 0; i < 20; i++)
        {
            var item = await AddAsync(_store, $"{i}", (InboxPriority)(i % 3));
            if (i % 2 == 0)
            {
                // Two at a time end in the same millisecond.
                await _store.MarkDeliveredAsync(item.Id);
                _fixture.Time.Advance(TimeSpan.FromMilliseconds(i % 4 / 2));
            }
        }

        var whole = await TextsAsync(_store, includeDelivered: true);
        whole.Count.ShouldBe(20);
        (await PagesAsync(limit, includeDelivered: true)).ShouldBe(whole);
        (await PagesAsync(limit, includeDelivered: false)).ShouldBe(whole.Take(10));
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("MTIz")]
    [InlineData("eDoxOjE")]
    public async Task List_NoCursorOfOurs_IsRefused(string cursor) =>
        await Should.ThrowAsync<ArgumentException>(() => _store.ListAsync(InboxPriority.Later, false, 4, cursor));

    [Theory]
    [InlineData(0)]
    [InlineData(501)]
    public async Task List_LimitOutOfBounds_IsRefused(int limit) =>
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => _store.ListAsync(InboxPriority.Later, false, limit));

    [Fact]
    public async Task DeleteBefore_OnlyWhatIsOver_WhateverItsAge()
    {
        await AddAsync(_store, "delivered");
        await AddAsync(_store, "expired");
        var claimed = await _store.ClaimAsync(InboxPriority.Later, 2, "p1");
        await _store.DeliverAsync(claimed[0].Id, claimed[0].Fence, "turn");
        await _store.ExpireAsync(claimed[1].Id, claimed[1].Fence, "no");
        await AddAsync(_store, "in hand", InboxPriority.Now);
        await ClaimOneAsync(_store);
        await AddAsync(_store, "waiting");
        _fixture.Time.Advance(TimeSpan.FromDays(365));
        var late = await AddAsync(_store, "late");
        await _store.MarkDeliveredAsync(late.Id);

        (await _store.DeleteBeforeAsync(_fixture.Time.GetUtcNow())).ShouldBe(2);
        (await TextsAsync(_store, includeDelivered: true)).ShouldBe(["in hand", "waiting", "late"]);
    }

    [Fact]
    public async Task DeleteBefore_MoreThanOneWriteTakes_AllOfThem()
    {
        await Task.WhenAll(Enumerable.Range(0, 2100).Select(async i =>
        {
            var added = (InboxAdd.Added)await _store.AddAsync(new NewItem($"{i}", InboxPriority.Next, "ci"), Window, 5000);
            await _store.MarkDeliveredAsync(added.Item.Id);
        }));
        (await _store.DeleteBeforeAsync(_fixture.Time.GetUtcNow().AddSeconds(1))).ShouldBe(2100);
        (await _store.DeleteBeforeAsync(_fixture.Time.GetUtcNow().AddSeconds(1))).ShouldBe(0);
    }

    [Fact]
    public async Task Open_Again_HasEverythingAndTheFencesStand()
    {
        await AddAsync(_store, "one", key: "k");
        var claimed = await ClaimOneAsync(_store);
        await _store.DisposeAsync();
        await Should.ThrowAsync<StoreException>(() => _store.GetAsync(claimed.Id));

        var again = await _fixture.OpenAsync();
        (await again.GetAsync(claimed.Id)).ShouldBe(claimed);
        (await again.AddAsync(new NewItem("again", InboxPriority.Next, "ci", "k"), Window, 8)).ShouldBe(new InboxAdd.Deduplicated(claimed));
        (await again.DeliverAsync(claimed.Id, claimed.Fence, "turn")).TurnId.ShouldBe("turn");
        var examined = StoreFiles.Examine(_fixture.Paths).ShouldHaveSingleItem();
        (examined.Store, examined.Problem).ShouldBe(("inbox", null));
    }

    [Fact]
    public async Task Read_ANewerProgramsStatusOrPriority_SaysSo()
    {
        await AddAsync(_store, "one");
        foreach (var change in new[] { "priority = 7", "priority = 1, status = 'snoozed', ended_at = 1" })
        {
            await using var raw = await RawAsync();
            await using var command = raw.CreateCommand();
            command.CommandText = $"UPDATE items SET {change}";
            await command.ExecuteNonQueryAsync();
            (await Should.ThrowAsync<StoreException>(() => TextsOfAllAsync())).Code.ShouldBe("store_newer");
        }
    }

    [Theory]
    [InlineData(InboxRows.Pending, "items_open")]
    [InlineData(InboxRows.Claimers, "items_claimed")]
    [InlineData(InboxRows.OpenNow, "items_open")]
    [InlineData(InboxRows.OpenPage, "items_open")]
    [InlineData(InboxRows.EndedPage, "items_ended")]
    [InlineData(InboxAdds.ByKey, "items_by_key")]
    [InlineData(InboxAdds.Nth, "items_by_source")]
    [InlineData(InboxAdds.Running, "items_storms")]
    [InlineData("SELECT seq FROM items WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2", "items_ended")]
    [InlineData("SELECT seq FROM items WHERE status = 'claimed' AND claimed_by = ?1", "items_claimed")]
    [InlineData("SELECT seq FROM items WHERE id = ?1", "sqlite_autoindex_items_1")]
    public async Task Queries_UseTheirIndex(string sql, string index)
    {
        var plan = await PlanAsync(sql);
        plan.ShouldHaveSingleItem("no sorting").ShouldContain(index);
    }

    [Fact]
    public async Task Count_WalksWhatWaitsInItsIndexAlone() =>
        (await PlanAsync(InboxRows.CountByClaimer))[0].ShouldContain("COVERING INDEX items_open");

    private async Task TextsOfAllAsync() => await _store.ListAsync((InboxPriority)9, includeDelivered: true, 10);

    private async Task<IReadOnlyList<string>> PagesAsync(int limit, bool includeDelivered)
    {
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _store.ListAsync(InboxPriority.Later, includeDelivered, limit, cursor);
            page.Items.Count.ShouldBeInRange(1, limit);
            seen.AddRange(page.Items.Select(i => i.Text));
            cursor = page.Next;
        }
        while (cursor is not null);
        return seen;
    }

    private async Task<IReadOnlyList<string>> PlanAsync(string sql)
    {
        await using var raw = await RawAsync();
        await using var command = raw.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        for (var i = 1; i <= 4; i++)
        {
            command.Parameters.AddWithValue($"?{i}", 1);
        }

        var steps = new List<string>();
        await using var plan = await command.ExecuteReaderAsync();
        while (await plan.ReadAsync())
        {
            steps.Add(plan.GetString(3));
        }

        return steps;
    }

    private async Task<SqliteConnection> RawAsync()
    {
        var raw = new SqliteConnection($"Data Source={_fixture.Paths.Inbox};Pooling=False");
        await raw.OpenAsync();
        return raw;
    }
}
