using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Stores.A2ATasks;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.A2ATasks;

public sealed class A2ATaskStoreTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private A2ATaskStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Begin_IsThereAfterARestart_WithAllThatWasSaid()
    {
        await BeginAsync("t1", "c1");
        (await _store.SayAsync("t1", new("k2", """{"two":2}"""))).ShouldBeTrue();
        (await _store.ChangeAsync("t1", new("WORKING", HasEnded: false) { Artifacts = "[1]", StatusMessage = "{}", Messages = [new("k3", """{"three":3}""")] })).ShouldNotBeNull();
        await _store.DisposeAsync();
        _store = await OpenAsync();
        var task = (await _store.GetAsync("t1"))!;
        (task.ContextId, task.State, task.HasEnded, task.Prompt, task.Artifacts, task.StatusMessage).ShouldBe(("c1", "WORKING", false, "ask t1", "[1]", "{}"));
        task.Messages.ShouldBe(["""{"of":"t1"}""", """{"two":2}""", """{"three":3}"""]);
        (await _store.GetAsync("t1", history: 1))!.Messages.ShouldBe(["""{"three":3}"""]);
        (await _store.GetAsync("t1", history: 0))!.Messages.ShouldBeEmpty();
        (await _store.OpenIdsAsync()).ShouldBe(["t1"]);
        (await _store.GetAsync("t2")).ShouldBeNull();
    }

    [Fact]
    public async Task Begin_TheSameMessageAgain_IsTheSameTask()
    {
        await BeginAsync("t1", "c1");
        var again = await _store.BeginAsync(New("t2", "c2") with { First = new("key t1", "{}") }, 10);
        again.ShouldBeOfType<A2ATaskBegin.Known>().Task.Id.ShouldBe("t1");
        (await _store.FindByKeyAsync("key t1"))!.Id.ShouldBe("t1");
        (await _store.FindByKeyAsync("key t2")).ShouldBeNull();
        (await _store.GetAsync("t2")).ShouldBeNull();
    }

    [Fact]
    public async Task Begin_WithAsManyOpenAsMayBe_WritesNothingUntilOneEnded()
    {
        await BeginAsync("t1", "c1");
        (await _store.BeginAsync(New("t2", "c1"), 1)).ShouldBe(new A2ATaskBegin.Full(1));
        (await _store.BeginAsync(New("t3", "c1") with { State = "REJECTED", HasEnded = true }, 1)).ShouldBeOfType<A2ATaskBegin.Begun>();
        await _store.ChangeAsync("t1", new("COMPLETED", HasEnded: true));
        (await _store.BeginAsync(New("t2", "c1"), 1)).ShouldBeOfType<A2ATaskBegin.Begun>();
        (await _store.OpenIdsAsync()).ShouldBe(["t2"]);
    }

    [Fact]
    public async Task AnEnd_IsFinal()
    {
        await BeginAsync("t1", "c1");
        await _store.ChangeAsync("t1", new("COMPLETED", HasEnded: true) { Artifacts = "[1]" });
        (await _store.ChangeAsync("t1", new("CANCELED", HasEnded: true) { Artifacts = "[2]" })).ShouldBeNull();
        (await _store.SayAsync("t1", new("late", "{}"))).ShouldBeFalse();
        var task = (await _store.GetAsync("t1"))!;
        (task.State, task.Artifacts, task.Messages.Count).ShouldBe(("COMPLETED", "[1]", 1));
    }

    [Fact]
    public async Task Say_TheSameTwice_IsKeptOnce()
    {
        await BeginAsync("t1", "c1");
        (await _store.SayAsync("t1", new("k", "{}"))).ShouldBeTrue();
        (await _store.SayAsync("t1", new("k", "{}"))).ShouldBeFalse();
        (await _store.SayAsync("none", new("k", "{}"))).ShouldBeFalse();
        (await _store.GetAsync("t1"))!.Messages.Count.ShouldBe(2);
    }

    [Fact]
    public async Task List_PagesByTheLastStatus_AndSkipsAndRepeatsNothing()
    {
        for (var i = 0; i < 25; i++)
        {
            await BeginAsync($"t{i:00}", i % 2 == 0 ? "even" : "odd");

            // Several at the same millisecond: the id then decides.
            _time.Advance(TimeSpan.FromMilliseconds(i % 3));
        }

        await _store.ChangeAsync("t03", new("COMPLETED", HasEnded: true));
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _store.ListAsync(new(), 4, cursor, history: 0);
            page.Total.ShouldBe(25);
            page.Items.Count.ShouldBeLessThanOrEqualTo(4);
            page.Items.Zip(page.Items.Skip(1)).ShouldAllBe(p => p.First.StatusAt >= p.Second.StatusAt);
            seen.AddRange(page.Items.Select(t => t.Id));
            cursor = page.Next;
        }
        while (cursor is not null);

        seen.Count.ShouldBe(25);
        seen.Distinct().Count().ShouldBe(25);
        (await _store.ListAsync(new(ContextId: "odd"), 100)).Items.Count.ShouldBe(12);
        (await _store.ListAsync(new(State: "COMPLETED"), 100)).Items.Select(t => t.Id).ShouldBe(["t03"]);
        (await _store.ListAsync(new(Since: _time.GetUtcNow().AddMilliseconds(1)), 100)).Total.ShouldBe(0);
        await Should.ThrowAsync<ArgumentException>(() => _store.ListAsync(new(), 4, "no cursor"));
    }

    [Fact]
    public async Task Begin_ManyAtOnce_NeverMoreOpenThanMayBe()
    {
        var begun = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => _store.BeginAsync(New($"t{i}", "c"), 7))));
        begun.Count(b => b is A2ATaskBegin.Begun).ShouldBe(7);
        begun.Count(b => b is A2ATaskBegin.Full { Open: 7 }).ShouldBe(33);
        (await _store.OpenIdsAsync()).Count.ShouldBe(7);
    }

    [Fact]
    public async Task Begin_TheSameMessageManyTimesAtOnce_IsOneTask()
    {
        var begun = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => _store.BeginAsync(New($"t{i}", "c") with { First = new("one", "{}") }, 100))));
        var first = begun.OfType<A2ATaskBegin.Begun>().ShouldHaveSingleItem().Task.Id;
        begun.OfType<A2ATaskBegin.Known>().ShouldAllBe(k => k.Task.Id == first);
    }

    [Fact]
    public async Task DeleteBefore_ForgetsWhatEndedBefore_AndNothingElse()
    {
        for (var i = 0; i < 450; i++)
        {
            await BeginAsync($"old{i}", "c", 1000);
            await _store.ChangeAsync($"old{i}", new("COMPLETED", HasEnded: true));
        }

        await BeginAsync("open", "c");
        _time.Advance(TimeSpan.FromDays(1));
        var then = _time.GetUtcNow();
        await BeginAsync("new", "c");
        await _store.ChangeAsync("new", new("COMPLETED", HasEnded: true));
        (await _store.DeleteBeforeAsync(then)).ShouldBe(450);
        (await _store.ListAsync(new(), 100)).Items.Select(t => t.Id).ShouldBe(["new", "open"]);
        (await _store.FindByKeyAsync("key old7")).ShouldBeNull();
    }

    private Task<A2ATaskStore> OpenAsync() => A2ATaskStore.OpenAsync(_folder.Paths(), _time, NullLogger<A2ATaskStore>.Instance);

    private static NewA2ATask New(string id, string context) => new(id, context, "SUBMITTED", HasEnded: false, $"ask {id}", new($"key {id}", $$"""{"of":"{{id}}"}"""));

    private async Task BeginAsync(string id, string context, int mostOpen = 100) =>
        (await _store.BeginAsync(New(id, context), mostOpen)).ShouldBeOfType<A2ATaskBegin.Begun>();
}
