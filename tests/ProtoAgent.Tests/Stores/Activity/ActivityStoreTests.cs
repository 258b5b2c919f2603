using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Activity;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Activity;

public sealed class ActivityStoreTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private ActivityStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(ActivityOrigin.Scheduler)]
    [InlineData(ActivityOrigin.Inbox)]
    [InlineData(ActivityOrigin.A2A)]
    [InlineData(ActivityOrigin.Operator)]
    public async Task Append_ALine_ComesBackAsItWas(ActivityOrigin origin)
    {
        var full = await _store.AppendAsync(new NewActivity(origin, "turn", "Did\0 it.") { ThreadId = "t", TurnId = "u", JobId = "j", ItemId = "i" });
        var bare = await _store.AppendAsync(new NewActivity(origin, "missed", ""));

        full.ShouldBe(new ActivityAppended(
            new ActivityEntry(1, _time.GetUtcNow(), origin, "turn", "Did\0 it.") { ThreadId = "t", TurnId = "u", JobId = "j", ItemId = "i" }, IsNew: true));
        var page = await _store.ListAsync(10);
        page.Items.ShouldBe([full.Entry, bare.Entry]);
        page.Older.ShouldBeNull();
    }

    [Fact]
    public async Task Append_TheSameKeyAgain_IsTheFirstLineAsItWas()
    {
        var first = await _store.AppendAsync(Line("first") with { UniqueKey = "job:1/1" });
        _time.Advance(TimeSpan.FromHours(1));
        var again = await _store.AppendAsync(Line("again") with { UniqueKey = "job:1/1" });
        var other = await _store.AppendAsync(Line("other") with { UniqueKey = "job:1/2" });

        again.ShouldBe(first with { IsNew = false });
        other.IsNew.ShouldBeTrue();
        (await TextsAsync()).ShouldBe(["first", "other"]);
    }

    [Fact]
    public async Task Append_ManyProcessesTellOfTheSameEffects_EachIsOneLineToldByOne()
    {
        await using var there = await OpenAsync();
        var appended = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(() =>
            (i % 2 == 0 ? _store : there).AppendAsync(Line($"{i}") with { UniqueKey = $"effect {i / 8}" }))));

        appended.Count(a => a.IsNew).ShouldBe(50);
        appended.Select(a => a.Entry.Seq).Distinct().Count().ShouldBe(50);
        (await _store.ListAsync(ActivityStore.MaxPage)).Items.Count.ShouldBe(50);
    }

    [Fact]
    public async Task Append_NoKindOrAnEmptyKey_IsRefused()
    {
        await Should.ThrowAsync<ArgumentException>(() => _store.AppendAsync(new NewActivity(ActivityOrigin.Inbox, "", "text")));
        await Should.ThrowAsync<ArgumentException>(() => _store.AppendAsync(Line("text") with { UniqueKey = "" }));
        (await TextsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task List_PageByPage_NewestLastEachOnceWhateverIsAdded()
    {
        for (var i = 0; i < 25; i++)
        {
            await _store.AppendAsync(Line($"{i:00}"));
        }

        var pages = new List<IReadOnlyList<string>>();
        string? cursor = null;
        do
        {
            var page = await _store.ListAsync(4, cursor);
            pages.Add([.. page.Items.Select(e => e.Text)]);
            cursor = page.Older;
            await _store.AppendAsync(Line("new"));
        }
        while (cursor is not null);

        pages[0].ShouldBe(["21", "22", "23", "24"]);
        pages.Count.ShouldBe(7);
        Enumerable.Reverse(pages).SelectMany(p => p).ShouldBe(Enumerable.Range(0, 25).Select(i => $"{i:00}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("-1")]
    [InlineData(" 1")]
    public async Task List_NoCursorOfOurs_IsRefused(string cursor) => await Should.ThrowAsync<ArgumentException>(() => _store.ListAsync(4, cursor));

    [Theory]
    [InlineData(0)]
    [InlineData(501)]
    public async Task List_LimitOutOfBounds_IsRefused(int limit)
    {
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => _store.ListAsync(limit));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => _store.ReadAfterAsync(0, limit));
    }

    [Fact]
    public async Task ReadAfter_WhileOthersWrite_MissesAndDoublesNothing()
    {
        await using var there = await OpenAsync();
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await (w % 2 == 0 ? _store : there).AppendAsync(Line($"{w}/{i}"));
            }
        })));

        var seen = new List<ActivityEntry>();
        bool done;
        do
        {
            done = writing.IsCompleted;
            seen.AddRange(await there.ReadAfterAsync(seen.Count == 0 ? 0 : seen[^1].Seq, 7));
        }
        while (!done || (await there.ReadAfterAsync(seen[^1].Seq, 1)).Count > 0);

        await writing;
        seen.Select(e => e.Text).Distinct().Count().ShouldBe(400);
        seen.Count.ShouldBe(400);
        seen.Select(e => e.Seq).ShouldBeInOrder();
    }

    [Fact]
    public async Task DeleteBefore_MoreThanOneWriteTakes_AllTheOlderAndNoNumberComesAgain()
    {
        await Task.WhenAll(Enumerable.Range(0, 2100).Select(i => _store.AppendAsync(Line("old") with { UniqueKey = $"{i}" })));
        _time.Advance(TimeSpan.FromMinutes(1));
        var kept = await _store.AppendAsync(Line("kept"));

        (await _store.DeleteBeforeAsync(_time.GetUtcNow())).ShouldBe(2100);
        (await TextsAsync()).ShouldBe(["kept"]);
        (await _store.DeleteBeforeAsync(_time.GetUtcNow().AddDays(1))).ShouldBe(1);

        var next = await _store.AppendAsync(Line("old") with { UniqueKey = "0" });
        next.IsNew.ShouldBeTrue();
        next.Entry.Seq.ShouldBeGreaterThan(kept.Entry.Seq);
    }

    [Fact]
    public async Task Open_Again_HasEverything()
    {
        await _store.AppendAsync(Line("one") with { UniqueKey = "k" });
        await _store.DisposeAsync();
        await Should.ThrowAsync<StoreException>(() => _store.ListAsync(1));

        _store = await OpenAsync();
        (await _store.AppendAsync(Line("two") with { UniqueKey = "k" })).IsNew.ShouldBeFalse();
        (await TextsAsync()).ShouldBe(["one"]);
        var examined = StoreFiles.Examine(_folder.Paths()).ShouldHaveSingleItem();
        (examined.Store, examined.Problem).ShouldBe(("activity", null));
    }

    [Fact]
    public async Task Read_ByANewerProgramsOrigin_SaysSo()
    {
        await _store.AppendAsync(Line("one"));
        await using var raw = await RawAsync();
        await using var command = raw.CreateCommand();
        command.CommandText = "UPDATE entries SET origin = 'webhook'";
        await command.ExecuteNonQueryAsync();

        var refused = await Should.ThrowAsync<StoreException>(() => _store.ListAsync(1));
        refused.Code.ShouldBe("store_newer");
        refused.Message.ShouldContain("webhook");
    }

    [Theory]
    [InlineData("SELECT seq FROM entries WHERE unique_key = 'k'", "entries_by_key")]
    [InlineData("SELECT seq FROM entries WHERE at < 1 ORDER BY at LIMIT 10", "entries_by_time")]
    [InlineData("SELECT * FROM entries WHERE seq < 9 ORDER BY seq DESC LIMIT 10", "INTEGER PRIMARY KEY")]
    [InlineData("SELECT * FROM entries WHERE seq > 9 ORDER BY seq LIMIT 10", "INTEGER PRIMARY KEY")]
    public async Task Queries_UseTheirIndex(string sql, string index)
    {
        await using var raw = await RawAsync();
        await using var command = raw.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        await using var plan = await command.ExecuteReaderAsync();
        (await plan.ReadAsync()).ShouldBeTrue();
        plan.GetString(3).ShouldStartWith("SEARCH");
        plan.GetString(3).ShouldContain(index);
        (await plan.ReadAsync()).ShouldBeFalse("no sorting");
    }

    private static NewActivity Line(string text) => new(ActivityOrigin.Scheduler, "turn", text);

    private async Task<IReadOnlyList<string>> TextsAsync() => [.. (await _store.ListAsync(ActivityStore.MaxPage)).Items.Select(e => e.Text)];

    private Task<ActivityStore> OpenAsync() => ActivityStore.OpenAsync(_folder.Paths(), _time, NullLogger<ActivityStore>.Instance);

    private async Task<SqliteConnection> RawAsync()
    {
        var raw = new SqliteConnection($"Data Source={_folder.Paths().Activity};Pooling=False");
        await raw.OpenAsync();
        return raw;
    }
}
