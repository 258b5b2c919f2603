using System.Runtime.InteropServices;

namespace ProtoAgent.Stores.Skills;

/// <summary>A <c>SKILL.md</c> as it was read.</summary>
/// <param name="Tier">Whose folder it lies in: <c>own</c> or <c>commons</c>.</param>
/// <param name="Folder">The skill's, relative to the tier's.</param>
/// <param name="Reader">The version of what read it: another one may read it otherwise.</param>
public sealed record IndexedSkill(string Tier, string Folder, int Reader, FileStamp Stamp)
{
    /// <summary>Null if it could not be read that far.</summary>
    public string? Name { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>The slash command; null for none.</summary>
    public string? Slash { get; init; }

    /// <summary>Only a person may ask for it.</summary>
    public bool UserOnly { get; init; }

    /// <summary>The agent wrote it.</summary>
    public bool ByAgent { get; init; }

    /// <summary>Why it can't be used; null if it can.</summary>
    public string? Problem { get; init; }

    /// <summary>Where in the file that is.</summary>
    public int? Line { get; init; }
}

/// <summary>
/// Tells whether a file is still the one that was read. The kernel sets the change time at every write, rename and restore;
/// unlike the time of modification nobody can set it back.
/// </summary>
/// <param name="Changed">Unix nanoseconds.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FileStamp(long Changed, long Size, long Inode);
