using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Stores.A2APush;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.A2APush;

public sealed class A2APushStoreTests : IAsyncLifetime
{
    private static readonly PushTarget s_target = new("t1", "c1");

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private A2APushStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Add_ToATaskSomebodyWatches_IsThereInOrderAfterARestart()
    {
        (await _store.PutAsync(new("t1", "c1", "{}"), 5)).ShouldBeTrue();
        (await _store.AddAsync("t1", "1", isEnd: false, 10)).ShouldBe([s_target]);
        (await _store.AddAsync("t1", "2", isEnd: true, 10)).ShouldBe([s_target]);
        (await _store.AddAsync("t1", "3", isEnd: false, 10)).ShouldBeEmpty();
        (await _store.AddAsync("other", "x", isEnd: true, 10)).ShouldBeEmpty();
        await _store.DisposeAsync();
        _store = await OpenAsync();
        (await _store.WaitingAsync()).ShouldBe([s_target]);
        (await _store.OpenTasksAsync()).ShouldBeEmpty();
        var first = (await _store.NextAsync(s_target))!;
        (first.Body, first.IsEnd).ShouldBe(("1", false));
        await _store.DoneAsync(first.Seq);
        var second = (await _store.NextAsync(s_target))!;
        (second.Body, second.IsEnd).ShouldBe(("2", true));
        await _store.DoneAsync(second.Seq);
        (await _store.NextAsync(s_target)).ShouldBeNull();
    }

    [Fact]
    public async Task Put_TheSameAgain_ReplacesItAndIsOpenAgain()
    {
        await _store.PutAsync(new("t1", "c1", "old"), 1);
        await _store.AddAsync("t1", "end", isEnd: true, 10);
        (await _store.PutAsync(new("t1", "c1", "new"), 1)).ShouldBeTrue();
        (await _store.FindAsync("t1", "c1"))!.Json.ShouldBe("new");
        (await _store.OpenTasksAsync()).ShouldBe(["t1"]);
        (await _store.PutAsync(new("t1", "c2", "x"), 1)).ShouldBeFalse();
        (await _store.PutAsync(new("t2", "c2", "x"), 1)).ShouldBeTrue();
    }

    [Fact]
    public async Task Add_MoreThanMayWait_LeavesTheOldestOut()
    {
        await _store.PutAsync(new("t1", "c1", "{}"), 5);
        for (var i = 1; i <= 5; i++)
        {
            await _store.AddAsync("t1", $"{i}", isEnd: false, 2);
        }

        (await _store.NextAsync(s_target))!.Body.ShouldBe("4");
    }

    [Fact]
    public async Task GiveUp_BeforeTheEnd_LeavesTheEnd()
    {
        await _store.PutAsync(new("t1", "c1", "{}"), 5);
        await _store.AddAsync("t1", "1", isEnd: false, 10);
        await _store.AddAsync("t1", "2", isEnd: false, 10);
        await _store.AddAsync("t1", "end", isEnd: true, 10);
        await _store.GiveUpAsync(s_target, (await _store.NextAsync(s_target))!.Seq);
        var end = (await _store.NextAsync(s_target))!;
        end.Body.ShouldBe("end");
        await _store.GiveUpAsync(s_target, end.Seq);
        (await _store.NextAsync(s_target)).ShouldBeNull();
    }

    [Fact]
    public async Task Delete_OneOfTwo_TakesItsWaitingAlong()
    {
        await _store.PutAsync(new("t1", "c1", "{}"), 5);
        await _store.PutAsync(new("t1", "c2", "{}"), 5);
        await _store.AddAsync("t1", "1", isEnd: false, 10);
        await _store.DeleteAsync("t1", "c1");
        await _store.DeleteAsync("t1", "c1");
        (await _store.FindAsync("t1", "c1")).ShouldBeNull();
        (await _store.WaitingAsync()).ShouldBe([new("t1", "c2")]);
        (await _store.ListAsync("t1", "", 10)).Select(c => c.Id).ShouldBe(["c2"]);
    }

    [Fact]
    public async Task DeleteBefore_OldOnes_StayWhileTheyAreOpenOrNotTold()
    {
        foreach (var task in (string[])["open", "untold", "told"])
        {
            await _store.PutAsync(new(task, "c", "{}"), 5);
        }

        await _store.AddAsync("untold", "end", isEnd: true, 10);
        await _store.AddAsync("told", "end", isEnd: true, 10);
        await _store.DoneAsync((await _store.NextAsync(new("told", "c")))!.Seq);
        (await _store.DeleteBeforeAsync(_time.GetUtcNow())).ShouldBe(0);
        (await _store.DeleteBeforeAsync(_time.GetUtcNow().AddDays(1))).ShouldBe(1);
        (await _store.FindAsync("told", "c")).ShouldBeNull();
        new StoredPushConfig("t", "c", "secret").ToString().ShouldNotContain("secret");
    }

    private Task<A2APushStore> OpenAsync() => A2APushStore.OpenAsync(_folder.Paths(), _time, NullLogger<A2APushStore>.Instance);
}
