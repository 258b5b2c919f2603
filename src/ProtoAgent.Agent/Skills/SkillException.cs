namespace ProtoAgent.Agent.Skills;

/// <summary>A skill can't be read, saved or deleted. Nothing was changed. The message is safe to show: it says what to do.</summary>
/// <param name="code">
/// <c>skill_not_found</c>, <c>skill_invalid</c>, <c>skill_name_invalid</c>, <c>skill_too_large</c>, <c>skill_exists</c>,
/// <c>skill_read_only</c>, <c>skill_not_promoted</c>, <c>skill_file_refused</c> or <c>skills_folder</c>: the disk refuses.
/// </param>
public sealed class SkillException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;

    private const int MostNamed = 40;

    internal static SkillException NotFound(string name, IEnumerable<Skill> there)
    {
        var names = there.Select(s => s.Name).ToList();
        return new("skill_not_found", $"There is no skill '{Tools.Files.Refusal.Shown(name)}' here. There is: {string.Join(", ", names.Take(MostNamed))}{(names.Count > MostNamed ? ", …" : "")}.");
    }
}
