namespace ProtoAgent.Agent.Tools.Time;

/// <summary>The time zones of this machine, by their IANA names.</summary>
public static class TimeZones
{
    private const int Longest = 64;
    private const int MostNamed = 5;
    private const double Alike = 0.5;

    /// <summary>Any case; the answer has the name as it is written.</summary>
    /// <exception cref="ToolException">There is none; the message names those that are like it.</exception>
    public static TimeZoneInfo Find(string name)
    {
        if (name.ToUpperInvariant() is "UTC" or "Z" or "GMT" or "ETC/UTC")
        {
            return TimeZoneInfo.Utc;
        }

        // A zone is a file to the system: only what can be a name gets there.
        if (IsName(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            return zone;
        }

        var names = Names();
        return names.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } written && TimeZoneInfo.TryFindSystemTimeZoneById(written, out var found)
            ? found
            : throw new ToolException(names.Count <= 1
                ? $"Time zones can't be told here: this machine has no time zone data (the package tzdata). Only UTC is known, not '{Shown(name)}'."
                : $"There is no time zone '{Shown(name)}'. {Hint(name, names)}");
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= Longest && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+');

    /// <summary>Only to say what there is: reading them all costs memory an idle instance shouldn't keep.</summary>
    private static List<string> Names()
    {
        var names = TimeZoneInfo.GetSystemTimeZones(skipSorting: true).Select(z => z.Id).ToList();
        TimeZoneInfo.ClearCachedData();
        return names;
    }

    private static string Hint(string name, List<string> names)
    {
        // People say the city; the name has it behind the continent.
        var city = new Similarity(name.AsSpan(name.LastIndexOf('/') + 1));
        var whole = new Similarity(name);
        var near = names
            .Select(n => (Name: n, Alike: Math.Max(whole.To(n), city.To(n.AsSpan(n.LastIndexOf('/') + 1)))))
            .Where(n => n.Alike >= Alike)
            .OrderByDescending(n => n.Alike)
            .ThenBy(n => n.Name, StringComparer.Ordinal)
            .Take(MostNamed)
            .Select(n => $"'{n.Name}'")
            .ToList();
        return near.Count > 0
            ? $"Near it: {string.Join(", ", near)}."
            : "Give an IANA name, continent and city, such as 'Europe/Berlin'.";
    }

    private static string Shown(string name) => name.Length <= Longest ? name : name[..SafeCut.Before(name, Longest)] + "…";
}
