using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Records;
using ProtoAgent.Stores;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Records;

public sealed class RetentionTests
{
    [Fact]
    public async Task Start_DeletesAtOnceThenDailyUntilStopped()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 10, 0, 0, 0, TimeSpan.Zero));
        var asked = Channel.CreateUnbounded<DateTimeOffset>();
        var retention = new Retention("threads", TimeSpan.FromDays(7), (before, _) => Task.FromResult(asked.Writer.TryWrite(before) ? 1L : 0L), time, NullLogger<Retention>.Instance);
        retention.Start();
        (await asked.Reader.ReadAsync()).ShouldBe(time.GetUtcNow().AddDays(-7));
        time.Advance(TimeSpan.FromDays(1));
        (await asked.Reader.ReadAsync()).ShouldBe(time.GetUtcNow().AddDays(-7));
        await retention.DisposeAsync();
        await retention.DisposeAsync();
    }

    [Fact]
    public async Task Delete_StoreInTrouble_TriesAgainTheNextDay()
    {
        var time = new FakeTimeProvider();
        var asked = Channel.CreateUnbounded<DateTimeOffset>();
        await using var retention = new Retention(
            "threads",
            TimeSpan.FromDays(7),
            (before, _) =>
            {
                asked.Writer.TryWrite(before);
                throw new StoreException("checkpoints", "store_full", "no room");
            },
            time,
            NullLogger<Retention>.Instance);
        retention.Start();
        await asked.Reader.ReadAsync();
        time.Advance(TimeSpan.FromDays(1));
        await asked.Reader.ReadAsync();
    }
}
