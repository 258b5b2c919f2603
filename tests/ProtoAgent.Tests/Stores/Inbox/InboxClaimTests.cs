using ProtoAgent.Stores.Inbox;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Inbox.InboxFixture;

namespace ProtoAgent.Tests.Stores.Inbox;

/// <summary>Handing out and signing for.</summary>
public sealed class InboxClaimTests : IAsyncLifetime
{
    private readonly InboxFixture _fixture = new();
    private InboxStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await _fixture.OpenAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(InboxPriority.Now, 9, "now 1,now 2")]
    [InlineData(InboxPriority.Next, 9, "now 1,now 2,next 1,next 2")]
    [InlineData(InboxPriority.Later, 9, "now 1,now 2,next 1,next 2,later 1,later 2")]
    [InlineData(InboxPriority.Later, 3, "now 1,now 2,next 1")]
    public async Task Claim_ByFloorAndLimit_TheUrgentFirstThenTheOldest(InboxPriority floor, int limit, string expected)
    {
        foreach (var priority in new[] { InboxPriority.Later, InboxPriority.Now, InboxPriority.Next })
        {
            await AddAsync(_store, $"{InboxNames.Of(priority)} 1", priority);
        }

        foreach (var priority in new[] { InboxPriority.Next, InboxPriority.Later, InboxPriority.Now })
        {
            await AddAsync(_store, $"{InboxNames.Of(priority)} 2", priority);
        }

        var claimed = await _store.ClaimAsync(floor, limit, "p1");

        string.Join(',', claimed.Select(i => i.Text)).ShouldBe(expected);
        claimed.ShouldAllBe(i => i.Status == InboxStatus.Claimed && i.ClaimedBy == "p1" && i.ClaimedAt == _fixture.Time.GetUtcNow() && i.Fence == 1);
        (await _store.CountPendingAsync()).ShouldBe(6 - claimed.Count);
        (await _store.ClaimAsync(floor, 9, "p2")).Select(i => i.Id).Intersect(claimed.Select(i => i.Id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Claim_NothingWaits_IsEmpty()
    {
        (await _store.ClaimAsync(InboxPriority.Later, 10, "p1")).ShouldBeEmpty();
        await AddAsync(_store, "later", InboxPriority.Later);
        (await _store.ClaimAsync(InboxPriority.Next, 10, "p1")).ShouldBeEmpty();
        await Should.ThrowAsync<ArgumentException>(() => _store.ClaimAsync(InboxPriority.Later, 10, ""));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => _store.ClaimAsync(InboxPriority.Later, 0, "p1"));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => _store.ClaimAsync(InboxPriority.Later, 501, "p1"));
    }

    [Fact]
    public async Task Deliver_AClaimedItem_IsReadOnce()
    {
        await AddAsync(_store, "one");
        var claimed = await ClaimOneAsync(_store);
        _fixture.Time.Advance(TimeSpan.FromSeconds(3));

        var delivered = await _store.DeliverAsync(claimed.Id, claimed.Fence, "turn");

        delivered.ShouldBe(claimed with { Status = InboxStatus.Delivered, EndedAt = _fixture.Time.GetUtcNow(), TurnId = "turn" });
        delivered.DeliveredAt.ShouldBe(_fixture.Time.GetUtcNow());
        (await _store.DeliverAsync(claimed.Id, claimed.Fence, "turn")).ShouldBe(delivered);
        await Should.ThrowAsync<StaleClaimException>(_store.DeliverAsync(claimed.Id, claimed.Fence, "another turn"));
        _fixture.Live["p1"] = false;
        (await _store.ClaimAsync(InboxPriority.Later, 10, "p2")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Release_AClaimedItem_WaitsInItsOldPlace()
    {
        var first = await AddAsync(_store, "first");
        await AddAsync(_store, "second");
        var claimed = await ClaimOneAsync(_store);

        var released = await _store.ReleaseAsync(claimed.Id, claimed.Fence, new string('e', 5000), failed: true);

        released.ShouldBe(first with { Fence = 1, Attempts = 1, LastError = new string('e', 2000) });
        var again = await ClaimOneAsync(_store, "p2");
        (again.Id, again.Fence, again.Attempts).ShouldBe((first.Id, 2, 1));
    }

    [Fact]
    public async Task Expire_AClaimedItem_IsSeenAndNotTriedAgain()
    {
        await AddAsync(_store, "poison");
        var claimed = await ClaimOneAsync(_store);

        var expired = await _store.ExpireAsync(claimed.Id, claimed.Fence, "five turns failed");

        (expired.Status, expired.Attempts, expired.LastError, expired.EndedAt, expired.DeliveredAt)
            .ShouldBe((InboxStatus.Expired, 1, "five turns failed", _fixture.Time.GetUtcNow(), null));
        (await _store.ClaimAsync(InboxPriority.Later, 10, "p2")).ShouldBeEmpty();
        (await TextsAsync(_store)).ShouldBeEmpty();
        (await TextsAsync(_store, includeDelivered: true)).ShouldBe(["poison"]);
        (await _store.MarkDeliveredAsync(claimed.Id))!.Status.ShouldBe(InboxStatus.Delivered);
    }

    [Fact]
    public async Task Claim_OfADeadProcess_WaitsAgainAndTheDeadOneIsRefused()
    {
        var there = await _fixture.OpenAsync();
        await AddAsync(_store, "one", InboxPriority.Now);
        var old = await ClaimOneAsync(_store);
        (await there.ClaimAsync(InboxPriority.Later, 10, "p2")).ShouldBeEmpty("its process lives");
        (await there.CountPendingAsync()).ShouldBe(0);
        (await there.NextPendingNowAsync()).ShouldBeNull();

        _fixture.Live["p1"] = false;
        (await there.CountPendingAsync()).ShouldBe(1);
        (await there.NextPendingNowAsync())!.Id.ShouldBe(old.Id);
        var taken = await ClaimOneAsync(there, "p2");

        (taken.Id, taken.Fence, taken.Attempts, taken.ClaimedBy).ShouldBe((old.Id, 2, 0, "p2"), "no turn failed");
        taken.LastError.ShouldNotBeNull();
        foreach (var stale in StaleUses(old))
        {
            (await Should.ThrowAsync<StaleClaimException>(stale)).Message.ShouldContain("p2");
        }

        (await there.DeliverAsync(taken.Id, taken.Fence, "turn")).Status.ShouldBe(InboxStatus.Delivered);
    }

    [Fact]
    public async Task Deliver_ByTheDeadBeforeAnybodyTookItBack_Counts()
    {
        await AddAsync(_store, "one");
        var claimed = await ClaimOneAsync(_store);
        _fixture.Live["p1"] = false;
        await _store.DeliverAsync(claimed.Id, claimed.Fence, "turn");
        (await _store.ClaimAsync(InboxPriority.Later, 10, "p2")).ShouldBeEmpty();
    }

    [Fact]
    public async Task StaleFence_ReleasedMarkedDeletedOrInvented_IsRefused()
    {
        await AddAsync(_store, "one");
        var claimed = await ClaimOneAsync(_store);
        await RefusedAsync(claimed with { Fence = 2 }, "claim, 1");
        await RefusedAsync(claimed with { Fence = 0 }, "claim, 1");

        await _store.ReleaseAsync(claimed.Id, claimed.Fence, "busy", failed: false);
        await RefusedAsync(claimed, "pending");

        var again = await ClaimOneAsync(_store);
        await RefusedAsync(claimed, "claim, 2");
        await _store.MarkDeliveredAsync(again.Id);
        await RefusedAsync(again, "delivered");

        (await _store.DeleteAsync(again.Id)).ShouldBeTrue();
        await RefusedAsync(again, "deleted");
    }

    [Fact]
    public async Task MarkDelivered_WhateverItsStatus_IsDeliveredOnce()
    {
        var item = await AddAsync(_store, "one");
        var marked = (await _store.MarkDeliveredAsync(item.Id))!;
        _fixture.Time.Advance(TimeSpan.FromHours(1));

        (await _store.MarkDeliveredAsync(item.Id)).ShouldBe(marked);
        (marked.Status, marked.TurnId, marked.ClaimedBy).ShouldBe((InboxStatus.Delivered, null, null));
        (await _store.MarkDeliveredAsync("nothing")).ShouldBeNull();
        (await _store.GetAsync("nothing")).ShouldBeNull();
        (await _store.DeleteAsync("nothing")).ShouldBeFalse();
    }

    [Fact]
    public async Task NextPendingNow_OnlyNowAndTheOldest_IsLeftWhereItIs()
    {
        await AddAsync(_store, "next");
        (await _store.NextPendingNowAsync()).ShouldBeNull();
        var oldest = await AddAsync(_store, "now 1", InboxPriority.Now);
        await AddAsync(_store, "now 2", InboxPriority.Now);

        (await _store.NextPendingNowAsync()).ShouldBe(oldest);
        await ClaimOneAsync(_store);
        (await _store.NextPendingNowAsync())!.Text.ShouldBe("now 2");
    }

    private Func<Task>[] StaleUses(InboxItem claim) =>
    [
        () => _store.DeliverAsync(claim.Id, claim.Fence, "ghost"),
        () => _store.ReleaseAsync(claim.Id, claim.Fence, "ghost", failed: true),
        () => _store.ExpireAsync(claim.Id, claim.Fence, "ghost"),
    ];

    private async Task RefusedAsync(InboxItem claim, string why)
    {
        var before = await _store.GetAsync(claim.Id);
        foreach (var stale in StaleUses(claim))
        {
            (await Should.ThrowAsync<StaleClaimException>(stale)).Message.ShouldContain(why);
        }

        (await _store.GetAsync(claim.Id)).ShouldBe(before);
    }
}
