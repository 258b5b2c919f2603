using Cronos;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>The six fields of a cron line, each read by itself, so that an error can say which one is wrong, and where.</summary>
/// <param name="Text">As it was written, with single blanks and capitals.</param>
internal sealed record CronFields(string Text, string Second, string Minute, string Hour, string Day, string Month, string Weekday)
{
    private static readonly Field[] All =
    [
        new("second", "0-59"),
        new("minute", "0-59"),
        new("hour", "0-23"),
        new("day of the month", "1-31, 'L' for the last, 'L-2', '15W' for the weekday nearest the 15th, or 'LW'"),
        new("month", "1-12 or JAN-DEC (three letters)"),
        new("day of the week", "0-7 (0 and 7 are Sunday) or SUN-SAT (three letters), 'MON#1' for the first Monday, 'FRIL' for the last Friday"),
    ];

    /// <exception cref="ScheduleException">The number of fields or one of them is wrong.</exception>
    public static CronFields Parse(string line)
    {
        var words = Words(line);
        if (words.Count is not (5 or 6))
        {
            throw new ScheduleException("wrong_field_count",
                $"The cron line '{line}' has {words.Count} field{(words.Count == 1 ? "" : "s")}. It needs 5: minute, hour, day of the month, month, day of the week, such as '0 9 * * MON-FRI'; or 6, seconds first.");
        }

        for (var i = 0; i < words.Count; i++)
        {
            Check(line, words, i);
        }

        var values = words.Select(w => w.Value).ToList();
        var text = string.Join(' ', values);
        if (values.Count == 5)
        {
            values.Insert(0, "0");
        }

        return new CronFields(text, values[0], values[1], values[2], values[3], values[4], values[5]);
    }

    private static void Check(string line, List<Word> words, int index)
    {
        var kind = index + All.Length - words.Count;
        var word = words[index];
        if (Reads(kind, word.Value))
        {
            return;
        }

        // Of a list, the item that is wrong; if each is right alone, they can't stand together.
        var (wrong, at) = (word.Value, word.At);
        var itemAt = word.At;
        foreach (var item in word.Value.Split(','))
        {
            if (!Reads(kind, item))
            {
                (wrong, at) = (item, itemAt);
                break;
            }

            itemAt += item.Length + 1;
        }

        var where = $"field {index + 1} ({All[kind].Name}) at character {at + 1}";
        throw new ScheduleException("wrong_field",
            $"In the cron line '{line}', {where}, '{wrong}' can't be read. The {All[kind].Name} is {All[kind].Values}; '*' is every one; there are ranges and lists (1,5-9) and steps (*/2).");
    }

    /// <summary>The library's <c>H</c>, a value drawn by hash, is not for a schedule that a person should be able to read.</summary>
    private static bool Reads(int kind, string value)
    {
        var line = Enumerable.Range(0, All.Length).Select(i => i == kind ? value : "*");
        return value.Length > 0
            && !value.Split(',').Any(item => item.StartsWith('H'))
            && CronExpression.TryParse(string.Join(' ', line), CronFormat.IncludeSeconds, out _);
    }

    private static List<Word> Words(string line)
    {
        var words = new List<Word>();
        for (var at = 0; at < line.Length; at++)
        {
            var end = at;
            while (end < line.Length && !char.IsWhiteSpace(line[end]))
            {
                end++;
            }

            if (end > at)
            {
                words.Add(new Word(line[at..end].ToUpperInvariant(), at));
                at = end;
            }
        }

        return words;
    }

    private sealed record Word(string Value, int At);

    private sealed record Field(string Name, string Values);
}
