using System.Globalization;
using ProtoAgent.Agent.Scheduling;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>Known days on which clocks were set. All zones, and lines nobody thought of, are in <see cref="AllZonesTests"/>.</summary>
public sealed class CronScheduleTests
{
    /// <summary>Line, zone, local start, hours, and all fires in that span, local with offset.</summary>
    public static TheoryData<string, string, string, int, string> Days => new()
    {
        // The wall clock stays.
        { "0 9 * * *", "Europe/Berlin", "2027-03-27T00:00+01:00", 48, "27T09:00+01 28T09:00+02" },
        { "0 9 * * *", "Europe/Berlin", "2027-10-30T00:00+02:00", 49, "30T09:00+02 31T09:00+01" },
        { "0 9 * * *", "America/New_York", "2027-03-13T00:00-05:00", 47, "13T09:00-05 14T09:00-04" },

        // Skipped: 02:00 to 03:00 in Berlin on the 28th.
        { "30 2 * * *", "Europe/Berlin", "2027-03-27T00:00+01:00", 72, "27T02:30+01 28T03:00+02 29T02:30+02" },
        { "0 2 * * *", "Europe/Berlin", "2027-03-28T00:00+01:00", 12, "28T03:00+02" },
        { "0,20,40 2 * * *", "Europe/Berlin", "2027-03-28T00:00+01:00", 12, "28T03:00+02" },
        { "*/20 2 * * *", "Europe/Berlin", "2027-03-28T00:00+01:00", 12, "28T03:00+02" },
        { "30 2,3 * * *", "Europe/Berlin", "2027-03-28T00:00+01:00", 12, "28T03:00+02 28T03:30+02" },
        { "0 2,3 * * *", "Europe/Berlin", "2027-03-28T00:00+01:00", 12, "28T03:00+02" },
        { "30 2 28 3 *", "Europe/Berlin", "2027-01-01T00:00+01:00", 24 * 365, "28T03:00+02" },
        { "30 * * * *", "Europe/Berlin", "2027-03-28T00:00+01:00", 4, "28T00:30+01 28T01:30+01 28T03:30+02 28T04:30+02" },
        { "@hourly", "Europe/Berlin", "2027-03-28T00:00+01:00", 3, "28T01:00+01 28T03:00+02 28T04:00+02" },
        { "*/30 * * * *", "Europe/Berlin", "2027-03-28T01:00+01:00", 1, "28T01:30+01 28T03:00+02" },

        // Twice: 02:00 to 03:00 in Berlin on the 31st.
        { "30 2 * * *", "Europe/Berlin", "2027-10-31T00:00+02:00", 25, "31T02:30+02" },
        { "0 3 * * *", "Europe/Berlin", "2027-10-31T00:00+02:00", 25, "31T03:00+01" },
        { "0,30 2 * * *", "Europe/Berlin", "2027-10-31T00:00+02:00", 12, "31T02:00+02 31T02:30+02" },
        { "0 1-3 * * *", "Europe/Berlin", "2027-10-31T00:00+02:00", 12, "31T01:00+02 31T02:00+02 31T03:00+01" },
        { "0 */2 * * *", "Europe/Berlin", "2027-10-31T00:30+02:00", 6, "31T02:00+02 31T04:00+01" },
        { "*/30 2 * * *", "Europe/Berlin", "2027-10-31T00:00+02:00", 12, "31T02:00+02 31T02:30+02 31T02:00+01 31T02:30+01" },
        { "*/15 * * * *", "Europe/Berlin", "2027-10-31T02:30+02:00", 1, "31T02:45+02 31T02:00+01 31T02:15+01 31T02:30+01" },
        { "0,30 * * * *", "Europe/Berlin", "2027-10-31T02:15+02:00", 2, "31T02:30+02 31T02:00+01 31T02:30+01 31T03:00+01" },
        { "@hourly", "Europe/Berlin", "2027-10-31T01:30+02:00", 3, "31T02:00+02 31T02:00+01 31T03:00+01" },
        { "*/30 30 2 * * *", "Europe/Berlin", "2027-10-31T01:30+02:00", 3, "31T02:30+02 31T02:30:30+02 31T02:30+01 31T02:30:30+01" },

        // Asked in the second of the two hours, for a time that has been in the first.
        { "30 2 * * *", "Europe/Berlin", "2027-10-31T02:10+01:00", 30, "01T02:30+01" },
        { "*/30 2 * * *", "Europe/Berlin", "2027-10-31T02:10+01:00", 12, "31T02:30+01" },

        // Midnight itself is skipped, or comes twice: Cuba; Chile; Azores; Lebanon.
        { "@daily", "America/Havana", "2027-03-13T12:00-05:00", 47, "14T01:00-04 15T00:00-04" },
        { "@daily", "America/Havana", "2027-11-06T12:00-04:00", 49, "07T00:00-04 08T00:00-05" },
        { "0 0 * * *", "America/Santiago", "2027-09-04T12:00-04:00", 24, "05T01:00-03" },
        { "59 23 3 4 *", "America/Santiago", "2027-04-03T12:00-03:00", 24, "03T23:59-03" },

        // Half an hour; two hours; an offset of its own in Ramadan; summer as the standard.
        { "15 2 * * *", "Australia/Lord_Howe", "2027-10-03T00:00+10:30", 12, "03T02:30+11" },
        { "45 1 * * *", "Australia/Lord_Howe", "2027-04-04T00:00+11:00", 12, "04T01:45+11" },
        { "*/15 * * * *", "Australia/Lord_Howe", "2027-04-04T01:40+11:00", 1, "04T01:45+11 04T01:30+10:30 04T01:45+10:30 04T02:00+10:30" },
        { "30 1,2 * * *", "Antarctica/Troll", "2027-03-28T00:00+00:00", 12, "28T03:00+02" },
        { "30 2 * * *", "Africa/Casablanca", "2026-02-15T00:00+01:00", 12, "15T02:30+01" },
        { "30 1 * * *", "Europe/Dublin", "2027-10-31T00:00+01:00", 24, "31T01:30+01" },
        { "30 1 * * *", "Europe/Dublin", "2027-03-28T00:00+00:00", 12, "28T02:00+01" },
    };

    [Theory]
    [MemberData(nameof(Days))]
    public void Between_ADayOnWhichClocksAreSet_ByTheRule(string line, string zone, string start, int hours, string fires)
    {
        var schedule = JobSchedule.Parse(line, zone);
        var after = At(start);

        Shown(schedule.Between(after, after.AddHours(hours), after), schedule.Zone).ShouldBe(fires);
    }

    /// <summary>Days of the month and of the week: 2027-08-13 is a Friday.</summary>
    [Theory]
    [InlineData("0 9 13 * *", "13T09:00+00")]
    [InlineData("0 9 * * FRI", "06T09:00+00 13T09:00+00 20T09:00+00 27T09:00+00")]
    [InlineData("0 9 2,13 * FRI", "02T09:00+00 06T09:00+00 13T09:00+00 20T09:00+00 27T09:00+00")]
    [InlineData("0 9 */15 * SUN", "01T09:00+00")]
    [InlineData("0 9 ? * 7#2", "08T09:00+00")]
    [InlineData("0 9 L * FRIL", "27T09:00+00 31T09:00+00")]
    [InlineData("0 9 15W * *", "16T09:00+00")]
    [InlineData("0 9 30 2,8 *", "30T09:00+00")]
    [InlineData("0 22-1 5 * *", "05T00:00+00 05T01:00+00 05T22:00+00 05T23:00+00")]
    public void Between_OneMonth_TheDaysOfCrontab(string line, string fires)
    {
        var schedule = JobSchedule.Parse(line, "UTC");
        var after = At("2027-07-31T23:59:59Z");

        Shown(schedule.Between(after, At("2027-08-31T23:59:59Z"), after), schedule.Zone).ShouldBe(fires);
    }

    [Theory]
    [InlineData("0 0 29 2 *", "2027-01-01T00:00Z", "2028-02-29T00:00Z")]
    [InlineData("0 0 29 2 *", "2096-02-29T00:00Z", "2104-02-29T00:00Z")]
    [InlineData("@yearly", "2098-06-01T00:00Z", "2099-01-01T00:00Z")]
    [InlineData("@weekly", "2027-08-11T00:00Z", "2027-08-15T00:00Z")]
    [InlineData("@monthly", "2027-08-01T00:00Z", "2027-09-01T00:00Z")]
    [InlineData("* * * * * *", "2027-08-01T00:00:00.999Z", "2027-08-01T00:00:01Z")]
    [InlineData("* * * * * *", "2027-08-01T00:00:01Z", "2027-08-01T00:00:02Z")]
    [InlineData("0 9 * * *", "2027-08-01T08:59:59.9999999Z", "2027-08-01T09:00Z")]
    [InlineData("0 9 * * *", "2027-08-01T09:00:00.0000001Z", "2027-08-02T09:00Z")]
    [InlineData("0 9 * * *", "2027-08-01T10:59:59+02:00", "2027-08-01T09:00Z")]
    [InlineData("0 9 * * *", "0001-01-01T00:00Z", "1970-01-01T09:00Z")]
    public void Next_FarOrNear_StrictlyAfter(string line, string after, string next) =>
        JobSchedule.Parse(line, null).Next(At(after), default).ShouldBe(At(next));

    [Fact]
    public void Next_TheEndOfTime_None() => JobSchedule.Parse("* * * * *", "Europe/Berlin").Next(DateTimeOffset.MaxValue, default).ShouldBeNull();

    [Fact]
    public void Between_EverySecondForCenturies_Lazy()
    {
        var after = At("2027-01-01T00:00Z");

        JobSchedule.Parse("* * * * * *", "Europe/Berlin").Between(after, after.AddYears(900), after).Take(3)
            .ShouldBe([after.AddSeconds(1), after.AddSeconds(2), after.AddSeconds(3)]);
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    private static string Shown(IEnumerable<DateTimeOffset> fires, TimeZoneInfo zone) =>
        string.Join(' ', fires.Select(f => TimeZoneInfo.ConvertTime(f, zone)).Select(f =>
            f.ToString(f.Second == 0 ? "dd'T'HH:mm" : "dd'T'HH:mm:ss", CultureInfo.InvariantCulture)
            + f.ToString(f.Offset.Minutes == 0 ? "zz" : "zzz", CultureInfo.InvariantCulture)));
}
