namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>A line made of what it means, rather than read: the oracle needs no parser.</summary>
internal sealed record CronLine(
    string Text,
    HashSet<int> Seconds,
    HashSet<int> Minutes,
    HashSet<int> Hours,
    HashSet<int> Days,
    HashSet<int> Months,
    HashSet<int> Weekdays,
    bool EitherDay,
    bool GoesOn)
{
    public bool Means(DateTime clock)
    {
        var day = Days.Contains(clock.Day);
        var weekday = Weekdays.Contains((int)clock.DayOfWeek);
        return Minutes.Contains(clock.Minute) && Hours.Contains(clock.Hour) && Months.Contains(clock.Month)
            && (EitherDay ? day || weekday : day && weekday);
    }

    /// <summary>Any line, though rather one that means the time at which something happens.</summary>
    public static CronLine Near(Random random, DateTime clock)
    {
        var withSeconds = random.Next(4) == 0;
        var second = withSeconds ? Field(random, 0, 59, 0, any: 0, mostValues: 4) : new Part("0", [0], Interval: false);
        var minute = Field(random, 0, 59, random.Next(2) == 0 ? clock.Minute : random.Next(60), any: 2);
        var hour = Field(random, 0, 23, (clock.Hour + random.Next(-2, 3) + 24) % 24, any: 3);
        var day = Field(random, 1, 31, clock.Day, any: 7);
        var month = Field(random, 1, 12, clock.Month, any: 8);

        // Sunday is 0 and 7, and a step from a day goes on to the 7.
        var weekday = Field(random, 0, 7, (int)clock.DayOfWeek, any: 7);
        weekday = weekday with { Values = [.. weekday.Values.Select(d => d % 7)] };
        var text = $"{minute.Text} {hour.Text} {day.Text} {month.Text} {weekday.Text}";
        return new CronLine(
            withSeconds ? $"{second.Text} {text}" : text,
            second.Values, minute.Values, hour.Values, day.Values, month.Values, weekday.Values,
            EitherDay: day.Text[0] != '*' && weekday.Text[0] != '*',
            GoesOn: minute.Interval || second.Interval || hour.Values.Count == 24);
    }

    /// <param name="any">Of ten, how many are a bare star.</param>
    private static Part Field(Random random, int least, int most, int near, int any, int mostValues = int.MaxValue)
    {
        while (true)
        {
            var step = random.Next(1, Math.Min(31, most - least + 1));
            var low = random.Next(least, near + 1);
            var high = random.Next(near, most + 1);
            var other = random.Next(least, most + 1);
            var part = random.Next(10) < any ? Of("*", least, most, 1) : random.Next(7) switch
            {
                0 or 1 => new Part($"{near}", [near], Interval: false),
                2 => new Part($"{near},{other}", [near, other], Interval: false),
                3 => Of($"*/{step}", least, most, step),
                4 => Of($"{low}-{high}", low, high, 1),
                5 => Of($"{low}-{high}/{step}", low, high, step),
                _ => Of($"{low}/{step}", low, most, step),
            };
            if (part.Values.Count <= mostValues)
            {
                return part;
            }
        }
    }

    private static Part Of(string text, int from, int to, int step) =>
        new(text, [.. Enumerable.Range(from, to - from + 1).Where(v => (v - from) % step == 0)], Interval: true);

    private sealed record Part(string Text, HashSet<int> Values, bool Interval);
}
