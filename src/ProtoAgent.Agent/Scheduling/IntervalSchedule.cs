using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ProtoAgent.Agent.Scheduling;

/// <summary><c>every 1h30m</c>: elapsed time, whatever clocks on the wall do. A day is 24 hours; who means 09:00 writes cron.</summary>
public sealed partial class IntervalSchedule : JobSchedule
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    private const string Help = "Write days, hours, minutes and seconds in this order, whole numbers, such as 'every 15m', 'every 1h30m' or 'every 2d'.";

    private IntervalSchedule(TimeSpan period, TimeZoneInfo zone) : base("every " + Written(period), zone) => Period = period;

    public TimeSpan Period { get; }

    public override bool Recurs => true;

    internal static bool Claims(string text) => text.Split((char[]?)null, 2)[0].Equals("every", StringComparison.OrdinalIgnoreCase);

    internal static IntervalSchedule Parse(string text, TimeZoneInfo zone)
    {
        var match = Shape().Match(text);
        if (!match.Success)
        {
            throw new ScheduleException("wrong_interval", $"'{text}' is no interval. {Help} For times of the day write a cron line, such as '0 9 * * *'.");
        }

        // Up to nine digits each: the sum of these fits.
        var seconds = (Value("d") * 86_400) + (Value("h") * 3_600) + (Value("m") * 60) + Value("s");
        if (seconds < Shortest.TotalSeconds || seconds > Longest.TotalSeconds)
        {
            throw new ScheduleException("wrong_interval", $"'{text}' is too {(seconds < 1 ? "short" : "long")}: an interval is 1 second to 366 days. {Help}");
        }

        return new IntervalSchedule(TimeSpan.FromSeconds(seconds), zone);

        long Value(string unit) => match.Groups[unit] is { Success: true } g ? long.Parse(g.ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>The anchor itself is no fire: the first is one period behind it.</summary>
    public override DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset anchor)
    {
        var whole = after < anchor ? 0 : (after - anchor).Ticks / Period.Ticks;
        return whole + 1 <= (DateTimeOffset.MaxValue.UtcTicks - anchor.UtcTicks) / Period.Ticks
            ? anchor.ToUniversalTime() + TimeSpan.FromTicks(Period.Ticks * (whole + 1))
            : null;
    }

    private static string Written(TimeSpan period)
    {
        var text = new StringBuilder();
        foreach (var (count, unit) in new[] { (period.Days, 'd'), (period.Hours, 'h'), (period.Minutes, 'm'), (period.Seconds, 's') })
        {
            if (count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
            }
        }

        return text.ToString();
    }

    [GeneratedRegex(
        @"^every(?=\s+[0-9])(\s*(?<d>[0-9]{1,9})d)?(\s*(?<h>[0-9]{1,9})h)?(\s*(?<m>[0-9]{1,9})m)?(\s*(?<s>[0-9]{1,9})s)?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
