using System.Globalization;
using System.Text.RegularExpressions;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>One time, ISO 8601. With an offset it is an instant; without one it is what the zone's clocks show.</summary>
public sealed partial class OneShotSchedule : JobSchedule
{
    private const int FirstYear = 1970;
    private const int LastYear = 9000;
    private const string Help = "Write date and time, such as '2027-03-01T09:00:00+01:00', '2027-03-01T08:00:00Z', or '2027-03-01T09:00' for local time.";

    private OneShotSchedule(string text, TimeZoneInfo zone, DateTimeOffset at) : base(text, zone) => At = at;

    /// <summary>In UTC. Of a local time that is skipped, the next instant there is; of one that comes twice, the first.</summary>
    public DateTimeOffset At { get; }

    public override bool Recurs => false;

    /// <summary>A date, or a time of day alone, which is an error worth its own words.</summary>
    internal static bool Claims(string text) => Dated().IsMatch(text) || (char.IsAsciiDigit(text[0]) && text.Contains(':'));

    internal static OneShotSchedule Parse(string text, TimeZoneInfo zone)
    {
        var match = Shape().Match(text);
        if (!match.Success)
        {
            throw new ScheduleException("wrong_time", $"'{text}' is no time. {Help}");
        }

        var year = Value("year", FirstYear, LastYear);
        var month = Value("month", 1, 12);
        var day = Value("day", 1, DateTime.DaysInMonth(year, month));
        if (!match.Groups["hour"].Success)
        {
            throw new ScheduleException("date_without_time", $"'{text}' is a date without a time. {Help}");
        }

        var wall = new DateTime(year, month, day, Value("hour", 0, 23), Value("minute", 0, 59), Value("second", 0, 59), DateTimeKind.Utc)
            .AddTicks(match.Groups["fraction"] is { Success: true } f ? long.Parse(f.Value.PadRight(7, '0'), CultureInfo.InvariantCulture) : 0);
        var written = wall.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        if (match.Groups["utc"].Success)
        {
            return new OneShotSchedule(written + "Z", zone, new DateTimeOffset(wall));
        }

        if (!match.Groups["sign"].Success)
        {
            return new OneShotSchedule(written, zone, new DateTimeOffset(new ZoneClock(zone).FirstAt(wall)));
        }

        // No clock is further from UTC than 14 hours.
        var hours = Value("offset_hour", 0, 14);
        var minutes = Value("offset_minute", 0, hours == 14 ? 0 : 59);
        var offset = new TimeSpan(hours, minutes, 0);
        var sign = match.Groups["sign"].Value;
        var at = sign == "-" ? wall + offset : wall - offset;
        return new OneShotSchedule($"{written}{(offset == TimeSpan.Zero ? "+" : sign)}{offset:hh\\:mm}", zone, new DateTimeOffset(at));

        int Value(string name, int least, int most)
        {
            var group = match.Groups[name];
            if (!group.Success)
            {
                return 0;
            }

            var value = int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);
            return value >= least && value <= most
                ? value
                : throw new ScheduleException("wrong_time",
                    $"'{text}' is no time: at character {group.Index + 1}, '{group.Value}' is no {name.Replace('_', ' ')} here; it is {least} to {most}. {Help}");
        }
    }

    public override DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset anchor) => At > after ? At : null;

    [GeneratedRegex(@"^[0-9]{4}-[0-9]", RegexOptions.ExplicitCapture)]
    private static partial Regex Dated();

    [GeneratedRegex(
        @"^(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})" +
        @"([Tt ](?<hour>[0-9]{2}):(?<minute>[0-9]{2})(:(?<second>[0-9]{2})([.,](?<fraction>[0-9]{1,7})[0-9]*)?)?" +
        @"((?<utc>[Zz])|(?<sign>[+-])(?<offset_hour>[0-9]{2})(:?(?<offset_minute>[0-9]{2}))?)?)?$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
