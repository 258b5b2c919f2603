using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Stores.Inbox;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Inbox.InboxFixture;

namespace ProtoAgent.Tests.Stores.Inbox;

/// <summary>What comes in, and what is kept out.</summary>
public sealed class InboxAddTests : IAsyncLifetime
{
    private readonly InboxFixture _fixture = new();
    private InboxStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await _fixture.OpenAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Add_AnItem_IsPendingAsItWasGiven()
    {
        var item = await AddAsync(_store, "Grüße\0 🦊", InboxPriority.Later, "mail", "k");

        item.ShouldBe(new InboxItem(item.Id, "Grüße\0 🦊", InboxPriority.Later, "mail", "k", _fixture.Time.GetUtcNow(), InboxStatus.Pending));
        Guid.Parse(item.Id).Version.ShouldBe(7);
        (await _store.GetAsync(item.Id)).ShouldBe(item);
        (await _store.CountPendingAsync()).ShouldBe(1);
    }

    [Theory]
    [InlineData("", "ci", null)]
    [InlineData(" \n\t", "ci", null)]
    [InlineData("text", "", null)]
    [InlineData("text", "c\ni", null)]
    [InlineData("text", "inbox", null)]
    [InlineData("text", "ci", "")]
    [InlineData("text", "ci", "half \ud800 a character")]
    public async Task Add_BadItem_IsRefusedAndNotStored(string text, string source, string? key)
    {
        await Should.ThrowAsync<ArgumentException>(() => _store.AddAsync(new NewItem(text, InboxPriority.Now, source, key), Window, 8));
        (await TextsAsync(_store)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Add_TooLongOrUnknown_IsRefused()
    {
        await Should.ThrowAsync<ArgumentException>(() => AddAsync(_store, new string('x', InboxStore.MaxTextLength + 1)));
        await Should.ThrowAsync<ArgumentException>(() => AddAsync(_store, "x", source: new string('x', InboxStore.MaxSourceLength + 1)));
        await Should.ThrowAsync<ArgumentException>(() => AddAsync(_store, "x", key: new string('x', InboxStore.MaxKeyLength + 1)));
        await Should.ThrowAsync<ArgumentException>(() => AddAsync(_store, "x", (InboxPriority)3));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => _store.AddAsync(Item("x"), TimeSpan.FromTicks(-1), 8));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => _store.AddAsync(Item("x"), Window, 0));
        await AddAsync(_store, new string('x', InboxStore.MaxTextLength));
        (await TextsAsync(_store)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Add_TheSameKeyInsideTheWindow_IsTheItemThatIsThere()
    {
        var first = await AddAsync(_store, "first", key: "build 7");
        _fixture.Time.Advance(Window - TimeSpan.FromMilliseconds(1));
        (await _store.AddAsync(Item("again", "build 7"), Window, 8)).ShouldBe(new InboxAdd.Deduplicated(first));
        (await AddAsync(_store, "another", key: "build 8")).Id.ShouldNotBe(first.Id);

        // The window is the first one's: what was refused does not stretch it.
        _fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        await AddAsync(_store, "later", key: "build 7");
        (await TextsAsync(_store)).ShouldBe(["first", "another", "later"]);
    }

    [Fact]
    public async Task Add_TheSameKeyAfterDelivery_IsStillTheItemThatWasDelivered()
    {
        await AddAsync(_store, "first", key: "k");
        var claimed = await ClaimOneAsync(_store);
        var delivered = await _store.DeliverAsync(claimed.Id, claimed.Fence, "turn");

        (await _store.AddAsync(Item("again", "k"), Window, 8)).ShouldBe(new InboxAdd.Deduplicated(delivered));
        (await _store.CountPendingAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Add_TheSameKeyAfterItWasGivenUpOrDeleted_IsNew()
    {
        await AddAsync(_store, "first", key: "k");
        var claimed = await ClaimOneAsync(_store);
        await _store.ExpireAsync(claimed.Id, claimed.Fence, "no model");
        var second = await AddAsync(_store, "second", key: "k");
        await _store.DeleteAsync(second.Id);
        await AddAsync(_store, "third", key: "k");
        (await TextsAsync(_store)).ShouldBe(["third"]);
    }

    [Fact]
    public async Task Add_NoWindowOrNoKey_NeverDeduplicates()
    {
        await AddAsync(_store, "same");
        await AddAsync(_store, "same");
        await AddAsync(_store, "same", key: "k");
        (await _store.AddAsync(Item("same", "k"), TimeSpan.Zero, 8)).ShouldBeOfType<InboxAdd.Added>();
    }

    [Fact]
    public async Task Add_ClockSetBackALittle_StillDeduplicates()
    {
        var ahead = await _fixture.OpenAsync(new FakeTimeProvider(_fixture.Time.GetUtcNow().AddSeconds(2)));
        await AddAsync(ahead, "first", key: "k");

        (await _store.AddAsync(Item("again", "k"), Window, 8)).ShouldBeOfType<InboxAdd.Deduplicated>();
    }

    [Fact]
    public async Task Add_MoreThanTheLimitInAMinute_IsAStormWithOneNotice()
    {
        await AddUntilStormAsync("ci", 3);
        var storm = (await AddLimitedAsync("4")).ShouldBeOfType<InboxAdd.Storm>();
        await AddLimitedAsync("5");
        var last = (await AddLimitedAsync("6")).ShouldBeOfType<InboxAdd.Storm>();

        (storm.Refused, last.Refused, last.Notice.Id).ShouldBe((1, 3, storm.Notice.Id));
        (last.Notice.Source, last.Notice.Priority, last.Notice.Status).ShouldBe(("inbox", InboxPriority.Next, InboxStatus.Pending));
        last.Notice.Text.ShouldBe("3 items from 'ci' refused and not kept since 2026-03-01 12:00:00 UTC: more than 3 came within a minute. Look at what sends them, and why so many.");
        (await TextsAsync(_store)).ShouldBe(["1", "2", "3", last.Notice.Text]);

        // Others are not in it.
        (await _store.AddAsync(Item("x") with { Source = "mail" }, Window, 3)).ShouldBeOfType<InboxAdd.Added>();
    }

    [Fact]
    public async Task Add_AMinuteLater_IsTakenAndTheNextStormIsAnother()
    {
        await AddUntilStormAsync("ci", 3);
        var first = (await AddLimitedAsync("4")).ShouldBeOfType<InboxAdd.Storm>();
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));

        await AddUntilStormAsync("ci", 3);
        var second = (await AddLimitedAsync("8")).ShouldBeOfType<InboxAdd.Storm>();

        second.Notice.Id.ShouldNotBe(first.Notice.Id);
        second.Refused.ShouldBe(1);
        (await TextsAsync(_store)).Count.ShouldBe(8);
    }

    [Fact]
    public async Task Add_StormGoesOnAfterItsNoticeWasRead_CountsOnAndTellsAgainAfterAnHour()
    {
        await AddUntilStormAsync("ci", 3);
        var storm = (await AddLimitedAsync("4")).ShouldBeOfType<InboxAdd.Storm>();
        await _store.MarkDeliveredAsync(storm.Notice.Id);

        var notices = new HashSet<string>();
        for (var minute = 0; minute < 90; minute++)
        {
            for (var i = 0; i < 6; i++)
            {
                _fixture.Time.Advance(TimeSpan.FromSeconds(10));
                if (await AddLimitedAsync($"{minute}/{i}") is InboxAdd.Storm more)
                {
                    notices.Add(more.Notice.Id);
                }
            }
        }

        notices.Count.ShouldBe(2);
        var read = (await _store.GetAsync(storm.Notice.Id))!;
        read.Status.ShouldBe(InboxStatus.Delivered);
        read.Text.ShouldNotStartWith("1 item ");
    }

    [Fact]
    public async Task Add_NoticeDeletedMeanwhile_TellsAgain()
    {
        await AddUntilStormAsync("ci", 3);
        var storm = (await AddLimitedAsync("4")).ShouldBeOfType<InboxAdd.Storm>();
        await _store.DeleteAsync(storm.Notice.Id);
        (await AddLimitedAsync("5")).ShouldBeOfType<InboxAdd.Storm>().Refused.ShouldBe(1);
    }

    [Fact]
    public async Task Add_ADuplicateInAStorm_IsADuplicate()
    {
        var kept = await AddAsync(_store, "1", key: "k");
        await AddLimitedAsync("2");
        await AddLimitedAsync("3");
        (await AddLimitedAsync("4")).ShouldBeOfType<InboxAdd.Storm>();
        (await _store.AddAsync(Item("again", "k"), Window, 3)).ShouldBe(new InboxAdd.Deduplicated(kept));
    }

    [Fact]
    public async Task Add_ClockSetBackFar_ShutsNobodyOut()
    {
        var ahead = await _fixture.OpenAsync(new FakeTimeProvider(_fixture.Time.GetUtcNow().AddYears(1)));
        await AddAsync(ahead, "1", key: "k");
        await AddAsync(ahead, "2");
        await AddAsync(ahead, "3");

        (await AddLimitedAsync("4")).ShouldBeOfType<InboxAdd.Added>();
        (await _store.AddAsync(Item("5", "k"), Window, 3)).ShouldBeOfType<InboxAdd.Added>();
    }

    private static NewItem Item(string text, string? key = null) => new(text, InboxPriority.Next, "ci", key);

    private Task<InboxAdd> AddLimitedAsync(string text) => _store.AddAsync(Item(text), Window, 3);

    private async Task AddUntilStormAsync(string source, int limit)
    {
        for (var i = 1; i <= limit; i++)
        {
            (await _store.AddAsync(Item($"{i}") with { Source = source }, Window, limit)).ShouldBeOfType<InboxAdd.Added>();
        }
    }
}
