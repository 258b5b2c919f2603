using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Time;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Time;

public sealed class CurrentTimeTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2024, 12, 30, 23, 30, 5, TimeSpan.Zero));

    [Fact]
    public async Task CurrentTime_NoZone_Utc() => (await AskAsync([])).ShouldBe(
        "time: 2024-12-30T23:30:05+00:00\nzone: UTC\nweekday: Monday\nweek: 2025-W01\nutc: 2024-12-30T23:30:05Z\nunix: 1735601405");

    [Fact]
    public async Task CurrentTime_NoZone_TheConfiguredOne() => (await AskAsync([], "Asia/Kathmandu")).ShouldContain("time: 2024-12-31T05:15:05+05:45\nzone: Asia/Kathmandu\n");

    [Fact]
    public async Task CurrentTime_AZone_ItsOffsetAndSavingTime()
    {
        (await AskAsync(In("Europe/Berlin"))).ShouldContain("time: 2024-12-31T00:30:05+01:00\nzone: Europe/Berlin\nweekday: Tuesday\n");
        _clock.Advance(TimeSpan.FromDays(182));
        (await AskAsync(In("america/new_york"))).ShouldContain("-04:00\nzone: America/New_York, daylight saving time\n");
        (await AskAsync(In("utc"))).ShouldContain("zone: UTC\n");
    }

    [Theory]
    [InlineData("Berlin", "Europe/Berlin")]
    [InlineData("US/New York", "America/New_York")]
    [InlineData("Asia/Tokio", "Asia/Tokyo")]
    public async Task CurrentTime_UnknownZone_NamesThoseLikeIt(string zone, string near) => (await RefusalAsync(zone)).ShouldContain($"'{near}'");

    [Theory]
    [InlineData("xyzzy")]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/localtime")]
    [InlineData("a\0b")]
    public async Task CurrentTime_NoZoneAtAll_SaysHowToNameOne(string zone) => (await RefusalAsync(zone)).ShouldStartWith("There is no time zone '");

    private static JsonObject In(string zone) => new() { ["timezone"] = zone };

    private Task<string> AskAsync(JsonObject arguments, string zone = "UTC") => new CurrentTimeTool(_clock, zone).AskAsync(arguments);

    private Task<string> RefusalAsync(string zone) => new CurrentTimeTool(_clock).RefusalAsync(In(zone));
}
