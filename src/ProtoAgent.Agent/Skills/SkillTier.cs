using System.ComponentModel;
using Microsoft.Win32.SafeHandles;
using ProtoAgent.Agent.Tools.Files;

namespace ProtoAgent.Agent.Skills;

/// <summary>
/// One source's folder of skills, and the fence around each skill in it. Folders are entered name by name without following a
/// link; what is read in a skill is opened by <see cref="Beneath"/> from the skill's own folder, so that no link leads out of it.
/// </summary>
/// <param name="path">Absolute. It may not be there.</param>
internal sealed class SkillTier(SkillSource source, string path)
{
    public const string FileName = "SKILL.md";

    private const int ToRead = LinuxFile.ReadOnly | LinuxFile.NonBlocking | LinuxFile.NoTerminal;

    private static readonly Beneath s_beneath = new();

    public SkillSource Source { get; } = source;

    /// <summary>As the index names it.</summary>
    public string Name { get; } = source == SkillSource.Own ? "own" : "commons";

    public string Path { get; } = path;

    /// <summary>For people: a folder's name with a line break in it must not look like two.</summary>
    public string FileOf(string folder) => Refusal.OneLine(System.IO.Path.Combine(Path, folder, FileName));

    /// <summary>The skill's folder, open to be listed.</summary>
    /// <exception cref="SkillException">It is not there, or a link stands on the way.</exception>
    public SafeFileHandle Open(string folder)
    {
        var error = LinuxFile.Open(Path, LinuxFile.ReadOnly | LinuxFile.Directory, out var at);
        foreach (var name in folder.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using var above = at;
            error = error == 0 ? LinuxFile.OpenAt(above, name, LinuxFile.ReadOnly | LinuxFile.Directory | LinuxFile.NoFollow, out at) : error;
        }

        return error == 0 ? at : throw new SkillException("skill_not_found", $"The folder {System.IO.Path.Combine(Path, folder)} can't be opened: {Reason(error)}. It may have been deleted or renamed meanwhile.");
    }

    /// <summary>A file of a skill's folder, and what the kernel said of it when it was opened.</summary>
    /// <param name="file">Relative to the skill's folder.</param>
    /// <param name="followLinks">Of the file's own name; as long as they stay inside.</param>
    /// <exception cref="SkillException">It isn't there, leads out, is no plain file, or is too large.</exception>
    public static (byte[] Content, FileStat Stat) Read(SafeFileHandle skill, string file, int most, bool followLinks)
    {
        if (file.Length == 0 || file.Any(char.IsControl) || file[0] == '/')
        {
            throw Refused(file, "it must be a path relative to the skill's folder");
        }

        var error = s_beneath.Open(skill, file, followLinks ? ToRead : ToRead | LinuxFile.NoFollow, out var opened);
        if (error != 0)
        {
            throw error == Refusal.NotThere ? new SkillException("skill_not_found", $"There is no file '{Refusal.Shown(file)}' in the skill's folder.") : Refused(file, Reason(error));
        }

        using (opened)
        {
            LinuxFile.Stat(opened, out var stat);
            if (stat.Kind != FileKind.File)
            {
                throw Refused(file, $"it is a {Refusal.Named(stat.Kind)}");
            }

            if (stat.Links > 1)
            {
                throw Refused(file, "it is a hard link, whose other name may lie anywhere. Put a copy there");
            }

            // One byte more than may be there tells a file that grew meanwhile.
            var content = new byte[Math.Min(stat.Size, most) + 1];
            var length = RandomAccess.Read(opened, content, 0);
            return stat.Size <= most && length <= most && length < content.Length
                ? (content[..length], stat)
                : throw new SkillException("skill_too_large", $"'{Refusal.Shown(file)}' has {stat.Size:N0} bytes; at most {most:N0} can be read.");
        }
    }

    public static string Reason(int error) => error switch
    {
        Refusal.CrossesBorder => "it goes through a link that leads out of the skill's folder, which is not followed",
        Refusal.TooManyLinks => "a symbolic link stands there, which is not followed. Put a copy there",
        _ => new Win32Exception(error).Message,
    };

    private static SkillException Refused(string file, string why) => new("skill_file_refused", $"'{Refusal.Shown(file)}' is not read: {why}.");
}
