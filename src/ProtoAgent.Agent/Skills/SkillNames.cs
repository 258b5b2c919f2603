using System.Text;

namespace ProtoAgent.Agent.Skills;

/// <summary>
/// What a skill may be called. One that is written gets a folder of its name, so its name is what any file system takes; one
/// that is found may be called more freely, for its folder is known and no path is ever made of its name.
/// </summary>
internal static class SkillNames
{
    public const int Longest = 64;

    /// <summary>The rule a name breaks that is to become a folder, as the end of a sentence ("its name …"); null if it breaks none. The rule is AgentSkills'.</summary>
    public static string? Violation(string name) =>
        name.Length is 0 or > Longest ? $"has {name.Length} characters and must have 1 to {Longest}"
        : !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? "may hold only the letters a-z, digits and '-'"
        : name[0] == '-' || name[^1] == '-' || name.Contains("--", StringComparison.Ordinal) ? "may not begin or end with '-', nor have two of them in a row"
        : null;

    /// <summary>Why a skill that was found can't be called so; null if it can.</summary>
    public static string? Problem(string name) =>
        name.Length > Longest ? $"has {name.Length} characters and may have at most {Longest}"
        : name.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar || r.Value is '/' or '\\' or '<' or '>' || (r.Value != ' ' && Rune.IsWhiteSpace(r)))
            ? "may not hold control characters, slashes, '<' or '>'"
        : null;

    /// <summary>The rule a slash command breaks; null if it breaks none.</summary>
    public static string? SlashViolation(string slash) =>
        slash.Length is > 0 and <= Longest && char.IsAsciiLetterOrDigit(slash[0]) && slash.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? null
            : $"must have 1 to {Longest} letters, digits, '-' and '_', and begin with a letter or digit";

    /// <summary>A name as a slash command or a folder; empty if nothing is left of it.</summary>
    public static string Slug(string name)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var c in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(c);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        return slug.ToString().TrimEnd('-');
    }
}
