using ProtoAgent.Agent.Scheduling;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Scheduling;

public sealed class JobScheduleTests
{
    [Theory]
    [InlineData("0 9 * * mon-fri", "0 9 * * MON-FRI")]
    [InlineData("  0\t9  *  *  * ", "0 9 * * *")]
    [InlineData("0 9 * * TUE,THU,SAT", "0 9 * * TUE,THU,SAT")]
    [InlineData("0 9 1 OCT *", "0 9 1 OCT *")]
    [InlineData("*/10 * * * * *", "*/10 * * * * *")]
    [InlineData("0 0 l-2 * ?", "0 0 L-2 * ?")]
    [InlineData("0 0 29 2 *", "0 0 29 2 *")]
    [InlineData("@Daily", "@daily")]
    [InlineData("every 15m", "every 15m")]
    [InlineData("EVERY 90M", "every 1h30m")]
    [InlineData("every 1h 30m", "every 1h30m")]
    [InlineData("every 48h", "every 2d")]
    [InlineData("every 366d", "every 366d")]
    [InlineData("every 1s", "every 1s")]
    [InlineData("2027-03-01T09:00Z", "2027-03-01T09:00:00Z")]
    [InlineData("2027-03-01t09:00:00z", "2027-03-01T09:00:00Z")]
    [InlineData("2027-03-01 09:00", "2027-03-01T09:00:00")]
    [InlineData("2027-03-01T09:00:30.250+0530", "2027-03-01T09:00:30.25+05:30")]
    [InlineData("2027-03-01T09:00:00-08", "2027-03-01T09:00:00-08:00")]
    [InlineData("2027-03-01T09:00:00-00:00", "2027-03-01T09:00:00+00:00")]
    [InlineData("1999-12-31T23:59:59Z", "1999-12-31T23:59:59Z")]
    public void Parse_WhatIsOne_OneTextThatReadsTheSame(string written, string text)
    {
        var schedule = JobSchedule.Parse(written, "europe/berlin");

        schedule.Text.ShouldBe(text);
        schedule.Timezone.ShouldBe("Europe/Berlin");
        var again = JobSchedule.Parse(schedule.Text, schedule.Timezone);
        again.Text.ShouldBe(text);
        again.GetType().ShouldBe(schedule.GetType());
        var anchor = new DateTimeOffset(1990, 1, 1, 0, 0, 0, TimeSpan.Zero);
        again.Next(anchor, anchor).ShouldBe(schedule.Next(anchor, anchor));
    }

    [Theory]
    [InlineData("", "empty", "The schedule is empty. Write a cron line ('0 9 * * MON-FRI')")]
    [InlineData("tomorrow at nine", "unknown_form", "'tomorrow at nine' is no schedule. Write a cron line")]
    [InlineData("15m", "unknown_form", "an interval ('every 1h30m')")]
    [InlineData("0 9 * *", "wrong_field_count", "has 4 fields. It needs 5: minute, hour")]
    [InlineData("0 0 9 * * * 2027", "wrong_field_count", "has 7 fields")]
    [InlineData("61 * * * *", "wrong_field", "field 1 (minute) at character 1, '61' can't be read. The minute is 0-59;")]
    [InlineData("0  24 * * *", "wrong_field", "field 2 (hour) at character 4, '24'")]
    [InlineData("0 9,12,77,18 * * *", "wrong_field", "field 2 (hour) at character 8, '77'")]
    [InlineData("0 9 32 * *", "wrong_field", "field 3 (day of the month) at character 5, '32'")]
    [InlineData("0 9 L,15 * *", "wrong_field", "field 3 (day of the month) at character 5, 'L,15'")]
    [InlineData("0 9 * 13 *", "wrong_field", "field 4 (month) at character 7, '13'")]
    [InlineData("0 9 * * MONDAY", "wrong_field", "field 5 (day of the week) at character 9, 'MONDAY'")]
    [InlineData("60 0 9 * * *", "wrong_field", "field 1 (second) at character 1, '60'")]
    [InlineData("*/0 * * * *", "wrong_field", "field 1 (minute)")]
    [InlineData("1,,2 * * * *", "wrong_field", "field 1 (minute) at character 3, ''")]
    [InlineData("0 H * * *", "wrong_field", "field 2 (hour) at character 3, 'H'")]
    [InlineData("0 0 30 2 *", "never_fires", "there is no such day in those months. Change field 3")]
    [InlineData("0 0 0 31 4,6 *", "never_fires", "Change field 4")]
    [InlineData("@reboot", "unknown_macro", "There is no macro '@reboot'. There are @annually, @daily, @hourly")]
    [InlineData("@every 5m", "unknown_macro", "write 'every 15m'")]
    [InlineData("@every_second", "unknown_macro", "There is no macro")]
    [InlineData("every", "wrong_interval", "'every' is no interval. Write days, hours")]
    [InlineData("every day at 9", "wrong_interval", "For times of the day write a cron line")]
    [InlineData("every 15", "wrong_interval", "such as 'every 15m'")]
    [InlineData("every 30m1h", "wrong_interval", "in this order")]
    [InlineData("every 1.5h", "wrong_interval", "whole numbers")]
    [InlineData("every -5m", "wrong_interval", "no interval")]
    [InlineData("every 0s", "wrong_interval", "too short: an interval is 1 second to 366 days")]
    [InlineData("every 366d1s", "wrong_interval", "too long")]
    [InlineData("every 999999999d", "wrong_interval", "too long")]
    [InlineData("2027-03-01", "date_without_time", "'2027-03-01' is a date without a time. Write date and time")]
    [InlineData("2027-02-29T09:00Z", "wrong_time", "at character 9, '29' is no day here; it is 1 to 28")]
    [InlineData("2027-02-30", "wrong_time", "'30' is no day here")]
    [InlineData("2027-13-01T09:00Z", "wrong_time", "at character 6, '13' is no month")]
    [InlineData("2027-03-01T24:00", "wrong_time", "at character 12, '24' is no hour here; it is 0 to 23")]
    [InlineData("2027-03-01T09:60", "wrong_time", "'60' is no minute")]
    [InlineData("2027-03-01T09:00:60", "wrong_time", "'60' is no second")]
    [InlineData("2027-03-01T09:00+15:00", "wrong_time", "'15' is no offset hour here; it is 0 to 14")]
    [InlineData("2027-03-01T09:00+14:30", "wrong_time", "'30' is no offset minute")]
    [InlineData("0000-01-01T00:00", "wrong_time", "'0000' is no year")]
    [InlineData("9999-12-31T23:59", "wrong_time", "'9999' is no year")]
    [InlineData("2027-3-1 9:00", "wrong_time", "'2027-3-1 9:00' is no time. Write date and time")]
    [InlineData("2027-03-01T09:00 Europe/Berlin", "wrong_time", "is no time")]
    [InlineData("09:00", "wrong_time", "'09:00' is no time. Write date and time")]
    public void Parse_WhatIsNone_SaysWhatAndWhereAndWhatToDo(string written, string code, string message)
    {
        var refused = Should.Throw<ScheduleException>(() => JobSchedule.Parse(written, "Europe/Berlin"));

        refused.Code.ShouldBe(code);
        refused.Message.ShouldContain(message);
    }

    [Fact]
    public void Parse_TooLong_SaysHowLong()
    {
        var refused = Should.Throw<ScheduleException>(() => JobSchedule.Parse($"{string.Join(',', Enumerable.Range(0, 200))} * * * *", null));

        refused.Code.ShouldBe("too_long");
        refused.Message.Length.ShouldBeLessThan(300);
    }

    [Fact]
    public void Parse_EveryMinuteListed_Read() =>
        JobSchedule.Parse($"{string.Join(',', Enumerable.Range(0, 60))} * * * *", null).ShouldBeOfType<CronSchedule>();

    [Theory]
    [InlineData("Europe/Berlln", "'Europe/Berlin'")]
    [InlineData("../../etc/passwd", "There is no time zone")]
    public void Parse_AZoneThatIsNone_NamesThoseNear(string zone, string message)
    {
        var refused = Should.Throw<ScheduleException>(() => JobSchedule.Parse("@daily", zone));

        refused.Code.ShouldBe("unknown_timezone");
        refused.Message.ShouldContain(message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    public void Parse_NoZone_Utc(string? zone) => JobSchedule.Parse("@daily", zone).Timezone.ShouldBe("UTC");
}
