using System.Text;

namespace ProtoAgent.Instances.Identity;

/// <summary>
/// What a name must be to become a path segment: an instance id, or the agent's name. The rules exist so that no two
/// accepted names can meet in the path table, on any file system; nothing is ever silently rewritten, because a
/// rewrite is how two ids become one path.
/// </summary>
public static class NameRules
{
    public const int MaxLength = 64;

    /// <summary>The names the path table itself uses in the data home, and those kept for stores to come.</summary>
    private static readonly HashSet<string> s_ours = new(StringComparer.OrdinalIgnoreCase)
    {
        "a2a", "activity", "approvals", "archive", "audit", "backups", "beads", "box", "cache", "checkpoints", "commons", "config",
        "console", "discord", "fleet", "goals", "inbox", "instances", "knowledge", "lock", "locks", "logs", "mcp", "memory", "models",
        "notes", "plugins", "postgres", "run", "runs", "scheduler", "secrets", "skills", "sockets", "tasks", "telemetry", "tmp",
        "tool-results", "vectors", "watches", "workflow-runs", "workflows", "workspace", "workspaces",
    };

    /// <summary>What our files are called: an id <c>checkpoints.db</c>, or <c>audit.jsonl.1</c>, would be a file to an unscoped sibling.</summary>
    private static readonly string[] s_fileEnds = [".bak", ".db", ".json", ".jsonl", ".lock", ".log", ".md", ".pid", ".sock", ".tmp", ".yaml", ".yml"];

    /// <summary>Reserved by Windows as the whole name or as what stands before the first dot.</summary>
    private static readonly HashSet<string> s_devices = new(
        ["aux", "con", "nul", "prn", "conin$", "conout$", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"com{n}", $"lpt{n}" })],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The rule the name breaks, as the end of a sentence ("… is refused: it may not …"); null if it breaks none.</summary>
    public static string? Violation(string name)
    {
        if (name.Length == 0)
        {
            return "it is blank";
        }

        if (name is "." or "..")
        {
            return "it names a directory relative to another ('.' and '..' lead out of the data home)";
        }

        foreach (var rune in name.EnumerateRunes())
        {
            if (!IsAllowed(rune))
            {
                return $"it may hold only the letters A-Z and a-z, digits, '.', '_' and '-', and it has {Describe(rune)}";
            }
        }

        if (!char.IsAsciiLetterOrDigit(name[0]))
        {
            return $"it must begin with a letter or a digit, not '{name[0]}'";
        }

        if (name.Length > MaxLength)
        {
            return $"it has {name.Length} characters and may have at most {MaxLength}";
        }

        if (name[^1] == '.')
        {
            return "it may not end in a dot (some file systems drop it, and two names become one)";
        }

        if (s_devices.Contains(name.Split('.')[0]))
        {
            return "it is a device name on Windows";
        }

        if (s_ours.Contains(name))
        {
            return "it is the name of one of the stores in the data home, so two instances could meet there";
        }

        var end = Array.Find(s_fileEnds, e => IsNamedLike(name, e));
        return end is null ? null : $"it has '{end}' in it like the files in the data home, so two instances could meet there";
    }

    /// <summary>An accepted name as near to the refused one as the rules allow.</summary>
    public static string Suggest(string name, string fallback)
    {
        var kept = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            if (IsAllowed(rune))
            {
                kept.Append(rune.ToString());
            }
            else if (kept.Length > 0 && kept[^1] != '-')
            {
                kept.Append('-');
            }
        }

        var text = kept.ToString().TrimStart('.', '_', '-');
        text = text[..Math.Min(text.Length, MaxLength - 6)].TrimEnd('.', '_', '-');
        if (text.Length == 0)
        {
            text = fallback;
        }

        if (Violation(text) is null)
        {
            return text;
        }

        text = "agent-" + text;
        return Violation(text) is null ? text : "agent-" + text["agent-".Length..].Replace('.', '-');
    }

    /// <summary>The name as it can be shown on a terminal: control and invisible characters as their code points.</summary>
    public static string Show(string name)
    {
        var shown = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes().Take(2 * MaxLength))
        {
            shown.Append(Rune.IsControl(rune) || IsInvisible(rune) ? $"\\u{{{rune.Value:x}}}" : rune.ToString());
        }

        return name.Length > 2 * MaxLength ? shown.Append('…').ToString() : shown.ToString();
    }

    internal static bool IsAllowed(Rune rune) => rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '.' or '_' or '-');

    /// <summary>Also with something behind: <c>.db-wal</c>, <c>.jsonl.1</c>.</summary>
    private static bool IsNamedLike(string name, string end)
    {
        for (var at = name.IndexOf(end, StringComparison.OrdinalIgnoreCase); at >= 0; at = name.IndexOf(end, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (at + end.Length == name.Length || name[at + end.Length] is '.' or '-')
            {
                return true;
            }
        }

        return false;
    }

    private static string Describe(Rune rune) =>
        rune.Value is '/' or '\\' ? $"the path separator '{rune}'"
        : Rune.IsControl(rune) ? $"the control character U+{rune.Value:X4}"
        : IsInvisible(rune) ? $"the character U+{rune.Value:X4}, which cannot be seen"
        : $"'{rune}' (U+{rune.Value:X4})";

    private static bool IsInvisible(Rune rune) =>
        rune.Value > 0x7f && (Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format
            or System.Globalization.UnicodeCategory.Surrogate or System.Globalization.UnicodeCategory.PrivateUse
            or System.Globalization.UnicodeCategory.OtherNotAssigned);
}
