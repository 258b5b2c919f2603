using System.Reflection;

namespace ProtoAgent.Agent.Skills;

/// <summary>The skills that come with the program: <c>Bundled/&lt;name&gt;/SKILL.md</c> beside this file, embedded at build.</summary>
internal static class BundledSkills
{
    private const string Prefix = "skills/";

    private static readonly Lazy<IReadOnlyList<Skill>> s_all = new(ReadAll);

    public static IReadOnlyList<Skill> All => s_all.Value;

    /// <param name="folder">As <see cref="Skill.Folder"/> has it.</param>
    public static string Text(string folder)
    {
        using var stream = Resources.GetManifestResourceStream($"{Prefix}{folder}/{SkillTier.FileName}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static Assembly Resources => typeof(BundledSkills).Assembly;

    private static List<Skill> ReadAll() =>
    [
        .. Resources.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => n[Prefix.Length..n.LastIndexOf('/')]).Select(folder =>
        {
            var document = SkillDocument.Parse(Text(folder));
            return new Skill(document.Name, document.Summary(), SkillSource.Bundled, folder, $"(bundled) {folder}/{SkillTier.FileName}")
            {
                Tools = document.Tools, Slash = document.Slash, UserOnly = document.UserOnly,
            };
        }),
    ];
}
