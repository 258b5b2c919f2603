using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Stores.Memory;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Memory;

public sealed class InjectionStoreTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private InjectionStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await InjectionStore.OpenAsync(_folder.Paths(), NullLogger<InjectionStore>.Instance);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task List_TheLatestFirst_BySessionAndPage()
    {
        for (var i = 0; i < 9; i++)
        {
            await _store.RecordAsync(new Injection($"t{i}", i % 2 == 0 ? "even" : "odd", s_start.AddMinutes(i), 10 + i, [new InjectedItem("hot", $"{i}", "agent"), new InjectedItem("session", "a\"b")]));
        }

        var first = await _store.ListAsync("even", 3);
        first.Items.Select(i => i.TurnId).ShouldBe(["t8", "t6", "t4"]);
        first.Items[0].Items.ShouldBe([new InjectedItem("hot", "8", "agent"), new InjectedItem("session", "a\"b")]);
        var second = await _store.ListAsync("even", 3, first.Next);
        second.Items.Select(i => i.TurnId).ShouldBe(["t2", "t0"]);
        second.Next.ShouldBeNull();
        (await _store.ListAsync(null, 500)).Items.Count.ShouldBe(9);
        await Should.ThrowAsync<ArgumentException>(() => _store.ListAsync(null, 5, "x"));
    }

    [Fact]
    public async Task Record_OfTheSameTurnAgain_TheLastStands()
    {
        await _store.RecordAsync(new Injection("t", "s", s_start, 1, []));
        await _store.RecordAsync(new Injection("t", "s", s_start.AddMinutes(1), 2, []));
        (await _store.ListAsync("s", 10)).Items.Single().Characters.ShouldBe(2);
    }

    [Fact]
    public async Task Delete_OfASessionAndOfOldOnes()
    {
        for (var i = 0; i < 6; i++)
        {
            await _store.RecordAsync(new Injection($"t{i}", i < 2 ? "a" : "b", s_start.AddDays(i), 1, []));
        }

        (await _store.DeleteSessionAsync("a")).ShouldBe(2);
        (await _store.DeleteBeforeAsync(s_start.AddDays(4))).ShouldBe(2);
        (await _store.ListAsync(null, 10)).Items.Select(i => i.TurnId).ShouldBe(["t5", "t4"]);
    }
}
