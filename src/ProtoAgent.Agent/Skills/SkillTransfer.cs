using Microsoft.Win32.SafeHandles;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Agent.Skills;

/// <summary>
/// Moves whole skill folders about. What is new is made complete under a name nobody reads (it begins with a dot), and takes its
/// place in one rename; what goes is renamed away first. A process killed in between leaves such a name behind, and no half skill.
/// </summary>
internal static class SkillTransfer
{
    public const int MostFiles = 1_000;
    public const int LargestFile = 10 * 1024 * 1024;
    public const long Largest = 100 * 1024 * 1024;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Runs = Private | UnixFileMode.UserExecute;

    /// <summary>Copies the folder <paramref name="from"/> is into another tier; one that is there is replaced.</summary>
    /// <exception cref="SkillException">Something in it is no plain file, or there is too much of it.</exception>
    public static void Copy(SkillTier from, SkillTier to, string folder)
    {
        var (parent, name) = WorkspacePath.Split(folder);
        AtomicFile.CreateFolder(Path.Combine(to.Path, parent));
        var beside = $".{Guid.NewGuid():N}.tmp";
        var made = Path.Combine(to.Path, parent, beside);
        try
        {
            Directory.CreateDirectory(made, Runs);
            Fill(from, made);
            using var at = to.Open(parent);
            Place(at, beside, name);
        }
        finally
        {
            // What was replaced now has this name.
            if (Directory.Exists(made))
            {
                Directory.Delete(made, recursive: true);
            }
        }
    }

    public static void Remove(SkillTier tier, string folder)
    {
        var (parent, name) = WorkspacePath.Split(folder);
        var gone = $".{Guid.NewGuid():N}.gone";
        using var at = new WorkspaceFolder(tier.Open(parent), "");
        using var handle = tier.Open(parent);
        Check(LinuxFile.Rename(handle, name, gone), folder);
        at.Remove(gone, recursive: true);
    }

    /// <summary>A rename alone does not replace a folder that is not empty; changing places does, where the file system can.</summary>
    private static void Place(SafeFileHandle at, string beside, string name)
    {
        if (LinuxFile.Rename(at, beside, name) == 0 || LinuxFile.Exchange(at, beside, name) == 0)
        {
            return;
        }

        var old = $".{Guid.NewGuid():N}.gone";
        Check(LinuxFile.Rename(at, name, old), name);
        var error = LinuxFile.Rename(at, beside, name);
        Check(LinuxFile.Rename(at, old, error == 0 ? beside : name), name);
        Check(error, name);
    }

    private static void Fill(SkillTier from, string made)
    {
        using var handle = from.Open("");
        using var folder = new WorkspaceFolder(from.Open(""), "");
        var (files, bytes) = (0, 0L);
        foreach (var (entry, _) in FolderWalk.Of(folder, recursive: true))
        {
            if (entry.Name.StartsWith('.'))
            {
                continue;
            }

            var place = Path.Combine(made, entry.Path);
            if (entry.Stat.Kind == FileKind.Folder)
            {
                Directory.CreateDirectory(place, Runs);
                continue;
            }

            if (entry.Stat.Kind != FileKind.File)
            {
                throw new SkillException("skill_file_refused", $"'{Refusal.Shown(entry.Path)}' in {from.Path} is a {Refusal.Named(entry.Stat.Kind)} and is not copied. Put a plain file there.");
            }

            var (content, stat) = SkillTier.Read(handle, entry.Path, LargestFile, followLinks: false);
            bytes += content.Length;
            if (++files > MostFiles || bytes > Largest)
            {
                throw new SkillException("skill_too_large", $"{from.Path} holds more than {MostFiles:N0} files or {Largest / 1024 / 1024} MiB, which is no skill. Move away what does not belong to it.");
            }

            var rights = stat.Rights.HasFlag(UnixFileMode.UserExecute) ? Runs : Private;
            using var file = new FileStream(place, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = rights });
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
    }

    private static void Check(int error, string folder)
    {
        if (error != 0)
        {
            throw new SkillException("skills_folder", $"The skill's folder '{Refusal.Shown(folder)}' can't be changed: {SkillTier.Reason(error)}.");
        }
    }
}
