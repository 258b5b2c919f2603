using System.Buffers;
using Cronos;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>The wall times that a cron line means, in a calendar without zones, and what is to be done where clocks are set.</summary>
internal sealed class CronPattern
{
    private static readonly SearchValues<char> s_intervals = SearchValues.Create("*-/?");
    private static readonly DateTime s_someDay = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly CronExpression _one;
    private readonly CronExpression? _other;

    public CronPattern(CronFields fields)
    {
        // The library wants both days to match; crontab(5) and POSIX want either, unless one of them is any day.
        var either = Narrows(fields.Day) && Narrows(fields.Weekday);
        _one = Read(fields, fields.Day, either ? "*" : fields.Weekday);
        _other = either ? Read(fields, "*", fields.Weekday) : null;
        RunsEveryHour = CronExpression.Parse($"0 {fields.Hour} * * *").GetOccurrences(s_someDay, s_someDay.AddDays(1)).Count() == 24;
        Repeats = RunsEveryHour || fields.Minute.ContainsAny(s_intervals) || fields.Second.ContainsAny(s_intervals);
    }

    /// <summary>Every hour there is: such a line never lost an hour, so nothing is made up for one that clocks skip.</summary>
    public bool RunsEveryHour { get; }

    /// <summary>Every so often, rather than at times that have a name: it goes on through an hour that comes again.</summary>
    public bool Repeats { get; }

    /// <summary>Null: there is no such day, as 30 February.</summary>
    public DateTime? NextWall(DateTime afterWall)
    {
        var one = _one.GetNextOccurrence(afterWall);
        var other = _other?.GetNextOccurrence(afterWall);
        return one is null || other < one ? other ?? one : one;
    }

    /// <exception cref="ScheduleException">It never comes.</exception>
    public void CheckThatItFires(string text)
    {
        if (NextWall(s_someDay) is null)
        {
            throw new ScheduleException("never_fires", $"The cron line '{text}' never fires: there is no such day in those months. Change field {text.Count(' ') - 1} (day of the month) or the month behind it.");
        }
    }

    private static bool Narrows(string field) => field[0] is not ('*' or '?');

    private static CronExpression Read(CronFields f, string day, string weekday) =>
        CronExpression.Parse($"{f.Second} {f.Minute} {f.Hour} {day} {f.Month} {weekday}", CronFormat.IncludeSeconds);
}
