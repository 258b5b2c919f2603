using ProtoAgent.Stores.Inbox;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Inbox.InboxFixture;

namespace ProtoAgent.Tests.Stores.Inbox;

/// <summary>What calls of turns read, and what is put back.</summary>
public sealed class InboxReadTests : IAsyncLifetime
{
    private const int Plenty = 100_000;

    private readonly InboxFixture _fixture = new();
    private InboxStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await _fixture.OpenAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Read_ByFloorAndLimit_IsDeliveredToTheTurnAtOnce()
    {
        await AddAsync(_store, "later", InboxPriority.Later);
        await AddAsync(_store, "next 1");
        await AddAsync(_store, "next 2");
        await AddAsync(_store, "now", InboxPriority.Now);

        var read = await _store.ReadAsync(InboxPriority.Next, 2, Plenty, "t", "t/c");

        (read.Fresh, read.More).ShouldBe((true, true));
        read.Items.Select(i => i.Text).ShouldBe(["now", "next 1"]);
        read.Items.ShouldAllBe(i => i.Status == InboxStatus.Delivered && i.TurnId == "t");
        (await TextsAsync(_store)).ShouldBe(["next 2", "later"]);
        var rest = await _store.ReadAsync(InboxPriority.Next, 9, Plenty, "u", "u/c");
        (rest.Items.Single().Text, rest.More).ShouldBe(("next 2", false));
        (await _store.ReadAsync(InboxPriority.Next, 9, Plenty, "u", "u/d")).Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(100, 3)]
    [InlineData(20, 2)]
    [InlineData(19, 1)]
    [InlineData(1, 1)]
    public async Task Read_ByCharacters_AtLeastOne(int characters, int expected)
    {
        foreach (var c in "abc")
        {
            await AddAsync(_store, new string(c, 10));
        }

        var read = await _store.ReadAsync(InboxPriority.Later, 9, characters, "t", "t/c");
        (read.Items.Count, read.More).ShouldBe((expected, expected < 3));
    }

    [Fact]
    public async Task Read_TheSameCallAgain_GetsTheSameAndNothingElse()
    {
        await AddAsync(_store, "one");
        await AddAsync(_store, "two");
        var first = await _store.ReadAsync(InboxPriority.Next, 9, Plenty, "t", "t/c");
        await AddAsync(_store, "three");

        var there = await _fixture.OpenAsync();
        var again = await there.ReadAsync(InboxPriority.Next, 9, Plenty, "t", "t/c");

        (again.Fresh, again.More).ShouldBe((false, true));
        again.Items.ShouldBe(first.Items);
        (await there.ReadAsync(InboxPriority.Next, 9, Plenty, "t", "t/d")).Items.Single().Text.ShouldBe("three");
    }

    [Fact]
    public async Task Settle_TheCallAnswered_StaysDeliveredAndTheOthersWaitAgain()
    {
        var one = await AddAsync(_store, "one");
        await _store.ReadAsync(InboxPriority.Next, 9, Plenty, "t", "t/c");
        await AddAsync(_store, "two");
        await _store.ReadAsync(InboxPriority.Next, 9, Plenty, "t", "t/d");
        await AddAsync(_store, "three");
        await _store.ReadAsync(InboxPriority.Next, 9, Plenty, "u", "u/c");
        (await _store.ReadersAsync()).ShouldBe(["t", "u"], ignoreOrder: true);

        var back = await _store.SettleAsync("t", new HashSet<string> { "t/c" });

        back.Single().ShouldSatisfyAllConditions(
            i => (i.Text, i.Status, i.TurnId, i.EndedAt, i.Attempts).ShouldBe(("two", InboxStatus.Pending, null, null, 0)), i => i.LastError.ShouldNotBeNull());
        (await TextsAsync(_store)).ShouldBe(["two"]);
        (await _store.GetAsync(one.Id))!.Status.ShouldBe(InboxStatus.Delivered);
        (await _store.IsReadingAsync("t")).ShouldBeFalse();
        (await _store.ReadersAsync()).ShouldBe(["u"]);
        (await _store.SettleAsync("t", new HashSet<string>())).ShouldBeEmpty("it is settled");
        (await _store.ReadAsync(InboxPriority.Next, 9, Plenty, "v", "v/c")).Items.Single().Text.ShouldBe("two");
    }

    [Fact]
    public async Task Read_WhatIsInHand_IsLeftAloneDeadOrAlive()
    {
        await AddAsync(_store, "one", InboxPriority.Now);
        await ClaimOneAsync(_store);
        (await _store.ReadAsync(InboxPriority.Later, 9, Plenty, "t", "t/c")).Items.ShouldBeEmpty();
        _fixture.Live["p1"] = false;
        (await _store.ReadAsync(InboxPriority.Later, 9, Plenty, "t", "t/c")).Items.ShouldBeEmpty("its turn may be gone on with");
    }

    [Fact]
    public async Task Claim_ReleasedWithAPause_NotBeforeItIsOver()
    {
        await AddAsync(_store, "one", InboxPriority.Now);
        (await _store.FirstDueAsync()).ShouldBe(_fixture.Time.GetUtcNow());
        var claimed = await ClaimOneAsync(_store);
        (await _store.FirstDueAsync()).ShouldBeNull();
        await _store.ReleaseAsync(claimed.Id, claimed.Fence, "busy", failed: true, TimeSpan.FromMinutes(1));
        var due = _fixture.Time.GetUtcNow().AddMinutes(1);

        (await _store.FirstDueAsync()).ShouldBe(due);
        (await _store.ClaimAsync(InboxPriority.Later, 1, "p1")).ShouldBeEmpty();
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        (await ClaimOneAsync(_store)).DueAt.ShouldBe(due);
    }

    [Fact]
    public async Task Claim_ReleasedAndTheClockSetFarBack_IsNotHeldBack()
    {
        await AddAsync(_store, "one", InboxPriority.Now);
        var claimed = await ClaimOneAsync(_store);
        await _store.ReleaseAsync(claimed.Id, claimed.Fence, "busy", failed: true, TimeSpan.FromDays(400));
        var yearBefore = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(_fixture.Time.GetUtcNow().AddYears(-1));
        (await ClaimOneAsync(await _fixture.OpenAsync(yearBefore))).Id.ShouldBe(claimed.Id);
    }

    [Theory]
    [InlineData("", "ci", null, "text")]
    [InlineData("x", "inbox", null, "source")]
    [InlineData("x", "", null, "source")]
    [InlineData("x", "ci", "a\nb", "dedup_key")]
    public async Task Add_Bad_NamesTheField(string text, string source, string? key, string field) =>
        (await Should.ThrowAsync<BadItemException>(() => _store.AddAsync(new NewItem(text, InboxPriority.Next, source, key), Window, 9))).Field.ShouldBe(field);
}
