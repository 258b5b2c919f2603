using System.Text.RegularExpressions;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;

namespace ProtoAgent.Agent.Skills;

/// <summary>A <c>SKILL.md</c>, read: what its front matter says, and the procedure behind it.</summary>
/// <param name="Description">On one line, whole.</param>
public sealed partial record SkillDocument(string Name, string Description, string Body)
{
    /// <summary>Bytes of a <c>SKILL.md</c>. What is longer belongs into files beside it.</summary>
    public const int Largest = 256 * 1024;

    /// <summary>Characters of a description that are told.</summary>
    public const int LongestDescription = 1_024;

    /// <summary>The version of what is understood here. A change of it has every file read again.</summary>
    internal const int Reader = 1;

    private const string Fence = "---";
    private const string AgentAuthor = "agent";

    public IReadOnlyList<string> Tools { get; private init; } = [];

    public string? Slash { get; private init; }

    public bool UserOnly { get; private init; }

    public bool ByAgent { get; private init; }

    private int NameLine { get; init; }

    private int DescriptionLine { get; init; }

    /// <exception cref="SkillFormatException">It can't be used.</exception>
    internal static SkillDocument Parse(byte[] bytes) =>
        Parse(TextContent.Decode(bytes)?.Text ?? throw new SkillFormatException(null, "it is not UTF-8 text"));

    /// <exception cref="SkillFormatException">It can't be used.</exception>
    public static SkillDocument Parse(string text)
    {
        var (yaml, body) = Split(text);
        var matter = FrontMatter.Read(yaml);
        var name = matter.Text("name")?.Trim() is { Length: > 0 } given ? given : throw new SkillFormatException(matter.LineOf("name"), "it has no name. Add a line 'name: …' to its front matter");
        if (SkillNames.Problem(name) is { } problem)
        {
            throw new SkillFormatException(matter.LineOf("name"), $"its name {problem}");
        }

        var description = Spaces().Replace(matter.Text("description") ?? "", " ").Trim();
        if (description.Length == 0)
        {
            throw new SkillFormatException(matter.LineOf("description"), "it has no description. Add a line 'description: …' that says what it does and when to use it");
        }

        var tools = matter.List("tools") ?? matter.List("metadata.tools") ?? matter.List("allowed_tools") ?? [];
        if (tools.FirstOrDefault(t => t.Length == 0 || t.Any(char.IsWhiteSpace)) is { } bad)
        {
            throw new SkillFormatException(matter.LineOf("tools"), $"'{Refusal.Shown(bad)}' is no tool's name");
        }

        var userOnly = matter.Flag("user_only") == true;
        return new SkillDocument(name, description, body)
        {
            Tools = tools,
            UserOnly = userOnly,
            Slash = SlashOf(matter, name, userOnly),
            ByAgent = matter.Text("metadata.author") == AgentAuthor,
            NameLine = matter.LineOf("name"),
            DescriptionLine = matter.LineOf("description"),
        };
    }

    /// <summary>What is asked of a skill that is written, and forgiven one that is found.</summary>
    /// <exception cref="SkillFormatException">It is not to be written so.</exception>
    public void RefuseUnlessStrict()
    {
        if (SkillNames.Violation(Name) is { } violation)
        {
            throw new SkillFormatException(NameLine, $"its name {violation}: its folder is called so");
        }

        if (Description.Length > LongestDescription)
        {
            throw new SkillFormatException(DescriptionLine, $"its description has {Description.Length:N0} characters and may have at most {LongestDescription:N0}. Details belong into the text below");
        }

        if (Body.Length == 0)
        {
            throw new SkillFormatException(null, "nothing stands behind its front matter. Say there how it is done");
        }
    }

    /// <summary>The description as the index has it.</summary>
    internal string Summary() => Description.Length <= LongestDescription ? Description : Description[..SafeCut.Before(Description, LongestDescription - 1)] + "…";

    /// <summary>A <c>SKILL.md</c> the agent writes; marked as its own.</summary>
    internal static string Compose(string name, string description, string body, IReadOnlyList<string> tools)
    {
        // Quoted whatever is in it: what a model writes must not become keys of its own.
        var quoted = Spaces().Replace(description, " ").Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        var list = tools.Count > 0 ? $"tools: [{string.Join(", ", tools)}]\n" : "";
        return $"{Fence}\nname: {name}\ndescription: \"{quoted}\"\n{list}metadata:\n  author: {AgentAuthor}\n{Fence}\n\n{body.Trim()}\n";
    }

    private static string? SlashOf(FrontMatter matter, string name, bool userOnly)
    {
        var given = matter.Text("slash")?.Trim().TrimStart('/');
        if (!userOnly && matter.Flag("user_facing") is not true && (given is null || matter.Flag("user_facing") is false))
        {
            return null;
        }

        var slash = given ?? SkillNames.Slug(name);
        return SkillNames.SlashViolation(slash) is not { } violation ? slash
            : throw new SkillFormatException(
                matter.LineOf(given is null ? "name" : "slash"), given is null ? "no slash command can be made of its name. Add a line 'slash: …'" : $"its slash command {violation}");
    }

    private static (string Yaml, string Body) Split(string text)
    {
        var lines = text.TrimStart('\uFEFF').Split('\n');
        if (lines[0].TrimEnd() != Fence)
        {
            throw new SkillFormatException(1, "it must begin with a line '---', then its name and description, then another line '---'");
        }

        var end = Array.FindIndex(lines, 1, l => l.TrimEnd() is Fence or "...");
        return end > 0
            ? (string.Join('\n', lines[1..end]), string.Join('\n', lines[(end + 1)..]).Trim())
            : throw new SkillFormatException(1, "the front matter that begins here is not ended by a line '---'");
    }

    [GeneratedRegex(@"[\s\p{Cc}]+")]
    private static partial Regex Spaces();
}

/// <param name="line">Null if it is not about a line.</param>
/// <param name="message">The end of a sentence, without its dot.</param>
public sealed class SkillFormatException(int? line, string message, Exception? inner = null) : Exception(message, inner)
{
    public int? Line { get; } = line;
}
