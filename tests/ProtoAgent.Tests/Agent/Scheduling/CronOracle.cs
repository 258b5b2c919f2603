namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>
/// The rule of the scheduler's README once more, as slowly and plainly as it can be said: go through the real minutes, look
/// at the clock, and remember what it has shown. Knows no library and none of our code.
/// </summary>
internal static class CronOracle
{
    public static List<DateTime> Fires(CronLine line, TimeZoneInfo zone, DateTime from, DateTime to)
    {
        var fires = new SortedSet<DateTime>();
        var shown = new HashSet<DateTime>();
        var last = DateTime.MaxValue.AddMinutes(-1);
        for (var minute = from; minute <= to; minute = minute.AddMinutes(1))
        {
            var clock = TimeZoneInfo.ConvertTimeFromUtc(minute, zone);

            // The hands jumped: the times in between are made up for now, unless the line runs every hour anyway.
            for (var skipped = last.AddMinutes(1); skipped < clock; skipped = skipped.AddMinutes(1))
            {
                if (line.Means(skipped) && line.Hours.Count < 24)
                {
                    fires.Add(minute);
                }
            }

            if (line.Means(clock) && (line.GoesOn || !shown.Contains(clock)))
            {
                fires.UnionWith(line.Seconds.Select(s => minute.AddSeconds(s)));
            }

            shown.Add(clock);
            last = clock;
        }

        return [.. fires];
    }

    /// <summary>The first instants of new offsets: hours first, then the minutes of those in which it changed.</summary>
    public static List<DateTime> Changes(TimeZoneInfo zone, int firstYear, int lastYear)
    {
        var changes = new List<DateTime>();
        var hour = new DateTime(firstYear, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var offset = zone.GetUtcOffset(hour);
        for (; hour.Year <= lastYear; hour = hour.AddHours(1))
        {
            if (zone.GetUtcOffset(hour.AddHours(1)) != offset)
            {
                var minute = hour;
                while (zone.GetUtcOffset(minute) == offset)
                {
                    minute = minute.AddMinutes(1);
                }

                changes.Add(minute);
                offset = zone.GetUtcOffset(hour.AddHours(1));
            }
        }

        return changes;
    }
}
