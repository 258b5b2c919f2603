using Microsoft.Win32.SafeHandles;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>A folder held open: what is done in it is done in this one, wherever its name leads by then.</summary>
/// <param name="path">Relative to the workspace; empty for the workspace itself.</param>
internal sealed class WorkspaceFolder(SafeFileHandle handle, string path) : IDisposable
{
    /// <summary>Of one folder. More is more than anybody looks through, and would fill the memory.</summary>
    public const int MostEntries = 100_000;

    /// <summary>Levels below the first folder that are gone down to.</summary>
    public const int Deepest = 64;

    private const int BufferSize = 32 * 1024;

    public string Path { get; } = path;

    public void Dispose() => handle.Dispose();

    /// <summary>What is in it, by name; the first <see cref="MostEntries"/> the disk tells of.</summary>
    public List<FolderEntry> Entries()
    {
        var entries = new List<FolderEntry>();
        foreach (var name in Names())
        {
            // Gone since, or a name that is no UTF-8 and can't be said back: listed by nobody.
            if (LinuxFile.StatAt(handle, name, out var stat) == 0)
            {
                entries.Add(new FolderEntry(name, WorkspacePath.Join(Path, name), stat));
            }
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return entries;
    }

    /// <summary>What the name is itself; null if there is none.</summary>
    public FileStat? StatOf(string name) => LinuxFile.StatAt(handle, name, out var stat) == 0 ? stat : null;

    public string? LinkTarget(string name) => LinuxFile.ReadLink(handle, name);

    /// <summary>Null if it is no folder any more, or may not be looked into.</summary>
    public WorkspaceFolder? Down(string name) =>
        LinuxFile.OpenAt(handle, name, LinuxFile.ReadOnly | LinuxFile.Directory | LinuxFile.NoFollow, out var folder) == 0
            ? new WorkspaceFolder(folder, WorkspacePath.Join(Path, name))
            : null;

    /// <returns>How many files and folders are gone.</returns>
    public int Remove(string name, bool recursive, int depth = 0)
    {
        var at = WorkspacePath.Join(Path, name);
        var error = LinuxFile.StatAt(handle, name, out var stat);
        if (error != 0)
        {
            throw Refusal.Of(error, at);
        }

        if (depth > Deepest)
        {
            throw new ToolException($"'{Refusal.Shown(at)}' is nested more than {Deepest} folders deep. Delete from further down first.");
        }

        var isFolder = stat.Kind == FileKind.Folder;
        var removed = 0;
        if (isFolder && recursive)
        {
            removed = Empty(name, at, depth);
        }

        error = LinuxFile.Remove(handle, name, isFolder);
        return error == 0 ? removed + 1 : throw Refusal.Of(error, at);
    }

    private int Empty(string name, string at, int depth)
    {
        var removed = 0;
        int found;
        do
        {
            using var inside = Down(name) ?? throw Refusal.Of(Refusal.AccessDenied, at);
            var names = inside.Names();
            found = names.Count;
            removed += names.Sum(n => inside.Remove(n, recursive: true, depth + 1));
        }
        while (found >= MostEntries);

        return removed;
    }

    private List<string> Names()
    {
        var names = new List<string>();
        var buffer = new byte[BufferSize];
        for (var ended = false; !ended && names.Count < MostEntries;)
        {
            var error = LinuxFile.List(handle, buffer, names, out ended);
            if (error != 0)
            {
                throw Refusal.Of(error, Path.Length == 0 ? "." : Path);
            }
        }

        return names;
    }
}

/// <param name="Path">Relative to the workspace.</param>
internal sealed record FolderEntry(string Name, string Path, FileStat Stat);
