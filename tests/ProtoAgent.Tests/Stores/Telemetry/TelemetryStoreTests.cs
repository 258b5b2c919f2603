using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Stores.Telemetry;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Telemetry;

public sealed class TelemetryStoreTests : IAsyncLifetime
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private TelemetryStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await TelemetryStore.OpenAsync(_folder.Paths(), NullLogger<TelemetryStore>.Instance);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Record_ATurn_ComesBackAsItWas()
    {
        var full = Turn("a", s_noon) with
        {
            ErrorCode = "model_timeout", Status = "failed", FirstToken = TimeSpan.FromMilliseconds(7), Rounds = 2, ToolCalls = 3, ToolErrors = 1, InputTokens = 10, OutputTokens = 0, CostUsd = 0.25, Fallbacks = 1,
        };
        var bare = Turn("b", s_noon.AddMinutes(-1));
        await _store.RecordAsync(full);
        await _store.RecordAsync(bare);

        var page = await _store.RecentAsync(10);
        page.Items.ShouldBe([full, bare]);
        page.Next.ShouldBeNull();
    }

    [Fact]
    public async Task Record_TheSameTurnAgain_Replaces()
    {
        await _store.RecordAsync(Turn("a", s_noon) with { Status = "interrupted" });
        await _store.RecordAsync(Turn("a", s_noon) with { Rounds = 5 });
        (await _store.RecentAsync(10)).Items.ShouldHaveSingleItem().Rounds.ShouldBe(5);
        (await _store.SummaryAsync()).Total.Turns.ShouldBe(1);
    }

    [Fact]
    public async Task Recent_PageByPage_EachOnceLatestFirstWhateverIsAdded()
    {
        for (var i = 0; i < 25; i++)
        {
            // Two at a time begin in the same millisecond.
            await _store.RecordAsync(Turn($"t{i:00}", s_noon.AddSeconds(i / 2)));
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _store.RecentAsync(4, cursor);
            seen.AddRange(page.Items.Select(t => t.TurnId));
            cursor = page.Next;
            await _store.RecordAsync(Turn($"new{seen.Count}", s_noon.AddHours(1)));
        }
        while (cursor is not null);

        seen.ShouldBe(Enumerable.Range(0, 25).Select(i => $"t{i:00}").OrderDescending());
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("YTpi")]
    [InlineData("MTIz")]
    public async Task Recent_NoCursorOfOurs_IsRefused(string cursor) => await Should.ThrowAsync<ArgumentException>(() => _store.RecentAsync(4, cursor));

    [Fact]
    public async Task Summary_Nothing_IsZeroAndNull()
    {
        var summary = await _store.SummaryAsync();
        summary.Total.ShouldBe(new TelemetryGroup("total", 0, 0, 0, 0, 0, 0, null, default, default));
        summary.Models.ShouldBeEmpty();
        summary.Days.ShouldBeEmpty();
    }

    [Fact]
    public async Task Summary_ManyTurns_InAllByModelAndByDay()
    {
        // 1 to 100 ms; the last ten failed without a word, on the day before, with another model.
        for (var i = 1; i <= 100; i++)
        {
            var late = i > 90;
            await _store.RecordAsync(Turn($"t{i}", late ? s_noon.AddDays(-1) : s_noon) with
            {
                Model = late ? "small" : "large",
                Status = late ? "failed" : i == 1 ? "cancelled" : "done",
                Duration = TimeSpan.FromMilliseconds(i),
                FirstToken = late ? null : TimeSpan.FromMilliseconds(i * 2),
                ToolCalls = 2,
                ToolErrors = 1,
                InputTokens = 10,
                OutputTokens = late ? null : 1,
                CostUsd = i <= 2 ? 0.5 : null,
            });
        }

        var summary = await _store.SummaryAsync();
        summary.Total.ShouldBe(new TelemetryGroup("total", 100, 10, 200, 100, 1000, 90, 1.0, Of(50, 95), Of(90, 172)));
        summary.Models.ShouldBe(
        [
            new TelemetryGroup("large", 90, 0, 180, 90, 900, 90, 1.0, Of(45, 86), Of(90, 172)),
            new TelemetryGroup("small", 10, 10, 20, 10, 100, 0, null, Of(95, 100), default),
        ]);
        summary.Days.Select(d => (d.Name, d.Turns)).ShouldBe([("2026-03-01", 90L), ("2026-02-28", 10L)]);

        var today = await _store.SummaryAsync(s_noon);
        today.Total.Turns.ShouldBe(90);
        today.Models.Select(m => m.Name).ShouldBe(["large"]);
    }

    [Fact]
    public async Task DeleteBefore_MoreThanOneWriteTakes_AllTheOlderAndNoOther()
    {
        await Task.WhenAll(Enumerable.Range(0, 4100).Select(i => _store.RecordAsync(Turn($"t{i}", s_noon.AddMinutes(-i)))));
        (await _store.DeleteBeforeAsync(s_noon.AddMinutes(-9))).ShouldBe(4090);
        (await _store.SummaryAsync()).Total.Turns.ShouldBe(10);
        (await _store.DeleteBeforeAsync(s_noon.AddMinutes(-9))).ShouldBe(0);
    }

    [Fact]
    public async Task Recent_UsesItsIndex()
    {
        await using var raw = new SqliteConnection($"Data Source={_folder.Paths().Telemetry};Pooling=False");
        await raw.OpenAsync();
        await using var command = raw.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN SELECT turn_id FROM turns WHERE (started_at, turn_id) < (1, 'a') ORDER BY started_at DESC, turn_id DESC LIMIT 10";
        await using var plan = await command.ExecuteReaderAsync();
        (await plan.ReadAsync()).ShouldBeTrue();
        plan.GetString(3).ShouldContain("turns_by_start");
        (await plan.ReadAsync()).ShouldBeFalse("no sorting");
    }

    private static Quantiles Of(int median, int p95) => new(TimeSpan.FromMilliseconds(median), TimeSpan.FromMilliseconds(p95));

    private static TurnTelemetry Turn(string id, DateTimeOffset at) => new(id, "thread", "operator", "offline", "done", null, at, TimeSpan.FromMilliseconds(12));
}
