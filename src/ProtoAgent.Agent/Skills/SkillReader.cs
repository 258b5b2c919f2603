using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Stores.Skills;

namespace ProtoAgent.Agent.Skills;

/// <summary>A found skill as the index keeps it: read anew, or as it was read before if its file is still that one.</summary>
internal static class SkillReader
{
    /// <summary>A file changed so lately may change again within the same tick of its file system's clock.</summary>
    private static readonly TimeSpan s_tooNew = TimeSpan.FromSeconds(2);

    public static IndexedSkill Read(SkillTier tier, FoundSkill found, IndexedSkill? before, DateTimeOffset now)
    {
        if (before is { Reader: SkillDocument.Reader } && before.Stamp == StampOf(found.File) && before.Stamp.Changed != 0)
        {
            return before;
        }

        var read = new IndexedSkill(tier.Name, found.Folder, SkillDocument.Reader, default);
        try
        {
            using var folder = tier.Open(found.Folder);
            var (content, stat) = SkillTier.Read(folder, SkillTier.FileName, SkillDocument.Largest, followLinks: false);
            var stamp = StampOf(stat);
            read = read with { Stamp = now.ToUnixTimeMilliseconds() - (stamp.Changed / 1_000_000) < s_tooNew.TotalMilliseconds ? default : stamp };
            var document = SkillDocument.Parse(content);
            return read with
            {
                Name = document.Name, Description = document.Summary(), Tools = document.Tools, Slash = document.Slash, UserOnly = document.UserOnly, ByAgent = document.ByAgent,
            };
        }
        catch (SkillFormatException e)
        {
            return read with { Problem = e.Message + ".", Line = e.Line };
        }
        catch (Exception e) when (e is SkillException or IOException or UnauthorizedAccessException)
        {
            // Nothing is known of the file's stamp: read again the next time.
            return read with { Problem = e.Message };
        }
    }

    private static FileStamp StampOf(FileStat stat) => new(stat.Changed, stat.Size, stat.Inode);
}
