using System.Globalization;
using ProtoAgent.Agent.Scheduling;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Scheduling;

public sealed class OneTimeAndIntervalTests
{
    [Theory]
    [InlineData("2027-03-01T09:00:00+01:00", "America/New_York", "2027-03-01T08:00:00Z")]
    [InlineData("2027-03-01T09:00:00Z", "America/New_York", "2027-03-01T09:00:00Z")]
    [InlineData("2027-03-01T09:00:00-05:30", null, "2027-03-01T14:30:00Z")]
    [InlineData("2027-03-01T09:00", null, "2027-03-01T09:00:00Z")]
    [InlineData("2027-03-01T09:00", "America/New_York", "2027-03-01T14:00:00Z")]
    [InlineData("2027-07-01T09:00", "America/New_York", "2027-07-01T13:00:00Z")]
    [InlineData("2027-03-28T01:59:59.5", "Europe/Berlin", "2027-03-28T00:59:59.5Z")]
    [InlineData("2027-03-28T02:30:00.5", "Europe/Berlin", "2027-03-28T01:00:00Z")]
    [InlineData("2027-03-28T03:00:00.5", "Europe/Berlin", "2027-03-28T01:00:00.5Z")]
    [InlineData("2027-10-31T02:30", "Europe/Berlin", "2027-10-31T00:30:00Z")]
    [InlineData("2027-10-31T02:59:59.9", "Europe/Berlin", "2027-10-31T00:59:59.9Z")]
    [InlineData("2027-10-31T03:00", "Europe/Berlin", "2027-10-31T02:00:00Z")]
    [InlineData("2011-12-30T12:00", "Pacific/Apia", "2011-12-30T10:00:00Z")]
    [InlineData("1970-01-01T00:00", "Pacific/Kiritimati", "1970-01-01T10:40:00Z")]
    [InlineData("9000-12-31T23:59", "America/New_York", "9001-01-01T04:59:00Z")]
    public void At_OneTime_TheInstant(string written, string? zone, string instant)
    {
        var at = DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);
        var schedule = JobSchedule.Parse(written, zone).ShouldBeOfType<OneShotSchedule>();

        schedule.At.ShouldBe(at);
        schedule.At.Offset.ShouldBe(TimeSpan.Zero);
        schedule.Recurs.ShouldBeFalse();
        schedule.Next(at.AddTicks(-1), default).ShouldBe(at);
        schedule.Next(at, default).ShouldBeNull();
        schedule.Between(at.AddDays(-1), at.AddDays(1), default).ShouldBe([at]);
        schedule.Between(at.AddDays(-1), at.AddTicks(-1), default).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("every 15m", "10:00:00", "10:15:00")]
    [InlineData("every 15m", "10:14:59", "10:15:00")]
    [InlineData("every 15m", "10:15:00", "10:30:00")]
    [InlineData("every 15m", "10:15:01", "10:30:00")]
    [InlineData("every 15m", "09:00:00", "10:15:00")]
    [InlineData("every 1h30m", "12:00:00", "13:00:00")]
    [InlineData("every 45s", "10:00:44", "10:00:45")]
    [InlineData("every 7m", "23:59:00", "00:00:00")]
    public void Next_AnInterval_CountedFromItsAnchor(string written, string after, string next)
    {
        var schedule = JobSchedule.Parse(written, "Europe/Berlin").ShouldBeOfType<IntervalSchedule>();

        var fire = schedule.Next(Today(after), Today("10:00:00"));

        fire!.Value.TimeOfDay.ShouldBe(TimeSpan.Parse(next, CultureInfo.InvariantCulture));
        fire.Value.ShouldBeGreaterThan(Today(after));
    }

    [Fact]
    public void Between_AnIntervalWhereClocksAreSet_ElapsedTime()
    {
        var anchor = new DateTimeOffset(2027, 10, 30, 9, 0, 0, TimeSpan.FromHours(2));

        JobSchedule.Parse("every 1d", "Europe/Berlin").Between(anchor, anchor.AddDays(2), anchor).ShouldBe([anchor.AddDays(1), anchor.AddDays(2)]);
    }

    [Fact]
    public void Next_AnIntervalAtTheEndOfTime_None() =>
        JobSchedule.Parse("every 366d", null).Next(DateTimeOffset.MaxValue, DateTimeOffset.MinValue).ShouldBeNull();

    private static DateTimeOffset Today(string time) => new(new DateTime(2027, 5, 1, 0, 0, 0, DateTimeKind.Utc) + TimeSpan.Parse(time, CultureInfo.InvariantCulture));
}
