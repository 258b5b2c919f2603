namespace ProtoAgent.Agent.Skills;

/// <summary>A skill as it is listed: what it is for and where it lies, not what it says.</summary>
/// <param name="Description">One line, at most 1,024 characters.</param>
/// <param name="Folder">Relative to its source's folder.</param>
/// <param name="File">The <c>SKILL.md</c>, for messages.</param>
public sealed record Skill(string Name, string Description, SkillSource Source, string Folder, string File)
{
    /// <summary>Those it works with, as it says.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>The slash command a person calls it by; null for none.</summary>
    public string? Slash { get; init; }

    /// <summary>The agent is not told of it, and can't load it by itself.</summary>
    public bool UserOnly { get; init; }

    /// <summary>The agent wrote it, and may replace it.</summary>
    public bool ByAgent { get; init; }
}

/// <summary>Whose a skill is. Of two with one name the later one here wins.</summary>
public enum SkillSource
{
    /// <summary>Comes with the program, and can't be changed.</summary>
    Bundled,

    /// <summary>The box's.</summary>
    Commons,

    /// <summary>The instance's own.</summary>
    Own,
}

/// <summary>Something that keeps a skill from being used.</summary>
/// <param name="Path">Of the file or folder at fault.</param>
/// <param name="Line">In the file; null if it is not about a line.</param>
/// <param name="Message">What is wrong, and what to do.</param>
public sealed record SkillProblem(string Path, int? Line, string Message)
{
    public override string ToString() => Line is { } line ? $"{Path}, line {line}: {Message}" : $"{Path}: {Message}";
}
