namespace ProtoAgent.Agent.Skills;

/// <summary>Whose skills an instance reads, and how much of them every model call is told.</summary>
public sealed record SkillOptions
{
    public SkillScope Scope { get; init; } = SkillScope.Scoped;

    /// <summary>Characters of names and summaries in each model call; 0 for none. 0 to 200,000.</summary>
    public int ContextCharacters { get; init; } = 8_000;
}

public enum SkillScope
{
    /// <summary>The instance's own alone.</summary>
    Scoped,

    /// <summary>The box's alone, read and written.</summary>
    Shared,

    /// <summary>Both are read, the instance's own win; what is written is the instance's own.</summary>
    Layered,
}
