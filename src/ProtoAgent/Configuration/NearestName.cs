namespace ProtoAgent.Configuration;

/// <summary>"Did you mean …?"</summary>
internal static class NearestName
{
    /// <summary>
    /// The candidate with the fewest edits; null if none is near enough to be what was meant. What both begin with is no likeness where every
    /// candidate begins with it (<c>PROTOAGENT_</c>), so it does not count.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        var best = candidates.Select(c => (Name: c, Edits: Edits(name, c))).OrderBy(c => c.Edits).ThenBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault();
        return best.Name is not null && best.Edits <= Math.Max(2, (name.Length - Shared(name, best.Name)) / 2) ? best.Name : null;
    }

    public static string Hint(string name, IEnumerable<string> candidates) => Of(name, candidates) is { } near ? $" Did you mean '{near}'?" : "";

    private static int Shared(string a, string b) => a.Zip(b).TakeWhile(pair => char.ToLowerInvariant(pair.First) == char.ToLowerInvariant(pair.Second)).Count();

    /// <summary>Levenshtein distance, ignoring case.</summary>
    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (row[j], diagonal) = (Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost), row[j]);
            }
        }

        return row[^1];
    }
}
