using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Time;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>When a job fires: a cron line, one time, or an interval. A value without a clock; <c>README.md</c> has the rules.</summary>
public abstract class JobSchedule
{
    /// <summary>Characters; the longest honest cron line, one that lists every minute, has about 190.</summary>
    public const int LongestText = 256;

    private const string Forms =
        "Write a cron line ('0 9 * * MON-FRI'), a macro ('@daily'), an interval ('every 1h30m') or one time ('2027-03-01T09:00:00+01:00').";

    private protected JobSchedule(string text, TimeZoneInfo zone)
    {
        Text = text;
        Zone = zone;
    }

    /// <summary>In one way of writing: what reads as the same has the same text, and parsing it again gives the same schedule.</summary>
    public string Text { get; }

    public TimeZoneInfo Zone { get; }

    /// <summary>The IANA name, as it is written in the time zone data.</summary>
    public string Timezone => Zone.Id;

    /// <summary>False for a schedule that can fire once at most.</summary>
    public abstract bool Recurs { get; }

    /// <param name="schedule">Five or six cron fields, <c>@daily</c> and the like, <c>every 15m</c>, or an ISO 8601 time.</param>
    /// <param name="timezone">IANA name, any case; UTC when blank. Of an interval, and of a time with an offset, it changes nothing.</param>
    /// <exception cref="ScheduleException">It is none, or there is no such zone.</exception>
    public static JobSchedule Parse(string schedule, string? timezone)
    {
        var text = schedule.Trim();
        if (text.Length == 0)
        {
            throw new ScheduleException("empty", $"The schedule is empty. {Forms}");
        }

        if (text.Length > LongestText)
        {
            throw new ScheduleException("too_long", $"The schedule has {text.Length} characters; {LongestText} is the most. {Forms}");
        }

        var zone = FindZone(timezone);
        if (text[0] == '@')
        {
            return CronSchedule.ParseMacro(text, zone);
        }

        if (IntervalSchedule.Claims(text))
        {
            return IntervalSchedule.Parse(text, zone);
        }

        if (OneShotSchedule.Claims(text))
        {
            return OneShotSchedule.Parse(text, zone);
        }

        return CronSchedule.Claims(text)
            ? CronSchedule.Parse(text, zone)
            : throw new ScheduleException("unknown_form", $"'{text}' is no schedule. {Forms}");
    }

    /// <summary>The first fire after an instant, never that instant itself; null if there is none. In UTC.</summary>
    /// <param name="anchor">Where an interval is counted from, such as when the job was made; nothing else looks at it.</param>
    public abstract DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset anchor);

    /// <summary>All fires of a span, in order and one at a time: a line of every second has 86,400 a day, so the caller says when it is enough.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset upToInclusive, DateTimeOffset anchor)
    {
        while (Next(after, anchor) is { } fire && fire <= upToInclusive)
        {
            yield return fire;
            after = fire;
        }
    }

    public override string ToString() => Recurs ? $"{Text} ({Timezone})" : Text;

    private static TimeZoneInfo FindZone(string? name)
    {
        try
        {
            return string.IsNullOrWhiteSpace(name) ? TimeZoneInfo.Utc : TimeZones.Find(name.Trim());
        }
        catch (ToolException e)
        {
            throw new ScheduleException("unknown_timezone", e.Message);
        }
    }
}
