using ProtoAgent.Agent.Tools.Files;

namespace ProtoAgent.Agent.Skills;

/// <summary>What a skill says, read from its folder when it is asked for.</summary>
public static class SkillContent
{
    /// <summary>Bytes of a file beside the <c>SKILL.md</c> that can be read.</summary>
    public const int LargestFile = 1024 * 1024;

    /// <summary>Files that are named; more are counted.</summary>
    public const int MostFiles = 200;

    /// <summary>Its <c>SKILL.md</c>, whole.</summary>
    /// <exception cref="SkillException">It can't be read any more.</exception>
    public static string Text(SkillCatalog catalog, Skill skill)
    {
        if (skill.Source == SkillSource.Bundled)
        {
            return BundledSkills.Text(skill.Folder);
        }

        return File(catalog, skill, SkillTier.FileName, SkillDocument.Largest, followLinks: false);
    }

    /// <summary>A text file of its folder; a link in it is followed only to where it stays inside.</summary>
    /// <exception cref="SkillException">It isn't there, leads outside, or is no text.</exception>
    public static string File(SkillCatalog catalog, Skill skill, string file) => File(catalog, skill, file, LargestFile, followLinks: true);

    /// <summary>What lies beside its <c>SKILL.md</c>, by path; without names that begin with a dot. Also how many there are.</summary>
    public static (IReadOnlyList<string> Files, int Count) Files(SkillCatalog catalog, Skill skill)
    {
        if (skill.Source == SkillSource.Bundled)
        {
            return ([], 0);
        }

        var files = new List<string>();
        var count = 0;
        using var folder = new WorkspaceFolder(TierOf(catalog, skill).Open(skill.Folder), "");
        foreach (var (entry, _) in FolderWalk.Of(folder, recursive: true))
        {
            if (entry.Stat.Kind is FileKind.File or FileKind.Link && !entry.Name.StartsWith('.') && entry.Path != SkillTier.FileName && ++count <= MostFiles)
            {
                files.Add(entry.Path);
            }
        }

        return (files, count);
    }

    internal static SkillTier TierOf(SkillCatalog catalog, Skill skill) => catalog.Tiers.First(t => t.Source == skill.Source);

    private static string File(SkillCatalog catalog, Skill skill, string file, int most, bool followLinks)
    {
        if (skill.Source == SkillSource.Bundled)
        {
            throw new SkillException("skill_not_found", $"The skill '{skill.Name}' comes with the program and has no files beside its {SkillTier.FileName}.");
        }

        try
        {
            using var folder = TierOf(catalog, skill).Open(skill.Folder);
            var (content, _) = SkillTier.Read(folder, file, most, followLinks);
            return TextContent.Decode(content)?.Text ?? throw new SkillException("skill_file_refused", $"'{Refusal.Shown(file)}' is no text in UTF-8, and is not shown.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SkillException("skills_folder", $"'{Refusal.Shown(file)}' of the skill '{skill.Name}' can't be read: {e.Message}", e);
        }
    }
}
