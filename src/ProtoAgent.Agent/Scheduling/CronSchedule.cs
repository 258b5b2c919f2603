using System.Collections.Frozen;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>A cron line in a zone: the wall clock rules, also across the days on which clocks are set. <c>README.md</c> has the rule.</summary>
public sealed class CronSchedule : JobSchedule
{
    private static readonly FrozenDictionary<string, string> s_macros = new Dictionary<string, string>
    {
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    }.ToFrozenDictionary();

    /// <summary>Longer than any two offsets differ, so that what is as far away can't come closer by a change of clocks.</summary>
    private static readonly TimeSpan s_window = TimeSpan.FromDays(2);
    private static readonly DateTime s_earliest = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime s_latest = new(9000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly CronPattern _pattern;
    private readonly ZoneClock _clock;

    private CronSchedule(string text, CronFields fields, TimeZoneInfo zone) : base(text, zone)
    {
        _pattern = new CronPattern(fields);
        _pattern.CheckThatItFires(text);
        _clock = new ZoneClock(zone);
    }

    public override bool Recurs => true;

    internal static bool Claims(string text) => (char.IsAsciiDigit(text[0]) || text[0] is '*' or '?') && text.Any(char.IsWhiteSpace);

    internal static CronSchedule Parse(string text, TimeZoneInfo zone)
    {
        var fields = CronFields.Parse(text);
        return new CronSchedule(fields.Text, fields, zone);
    }

    internal static CronSchedule ParseMacro(string text, TimeZoneInfo zone)
    {
        var name = text.ToLowerInvariant();
        return s_macros.TryGetValue(name, out var line)
            ? new CronSchedule(name, CronFields.Parse(line), zone)
            : throw new ScheduleException("unknown_macro",
                $"There is no macro '{text}'. There are {string.Join(", ", s_macros.Keys.Order(StringComparer.Ordinal))}; for an interval write 'every 15m'.");
    }

    public override DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset anchor)
    {
        var at = ClockChange.Later(s_earliest, ZoneClock.WholeSecond(after.UtcDateTime));
        if (at >= s_latest)
        {
            return null;
        }

        var reached = _clock.ReachedBy(at);
        while (at < s_latest)
        {
            var from = _clock.WallAt(at);
            if (_pattern.NextWall(_pattern.Repeats ? from : ClockChange.Later(from, reached)) is not { } wall)
            {
                return null;
            }

            var end = at + s_window;
            var fire = wall - _clock.OffsetAt(at);
            if (_clock.ChangeIn(at, end) is { } change)
            {
                if (fire < change.At)
                {
                    return new DateTimeOffset(fire);
                }

                if (FiresAt(change, reached))
                {
                    return new DateTimeOffset(change.At);
                }

                at = change.At;
                reached = ClockChange.Later(reached, change.LastBefore);
            }
            else if (fire <= end)
            {
                return new DateTimeOffset(fire);
            }
            else
            {
                // Nothing is meant before that wall time: go near it, and look for a change of clocks there.
                at = ClockChange.Later(end, wall - s_window);
            }
        }

        return null;
    }

    /// <summary>At the very instant: the time the clocks are set to is meant, or one that they skip and that is made up for.</summary>
    private bool FiresAt(ClockChange change, DateTime reached)
    {
        var from = change.WallAfter.AddSeconds(-1);
        if (!_pattern.RunsEveryHour && change.LastBefore < from)
        {
            from = change.LastBefore;
        }

        if (!_pattern.Repeats)
        {
            from = ClockChange.Later(from, ClockChange.Later(reached, change.LastBefore));
        }

        return _pattern.NextWall(from) <= change.WallAfter;
    }
}
