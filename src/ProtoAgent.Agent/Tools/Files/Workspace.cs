using Microsoft.Win32.SafeHandles;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>
/// The one folder of an instance whose files the model may touch, and the fence around it. Every path is resolved by
/// <see cref="Beneath"/> from the root, in one piece, when it is used; nothing is remembered between two calls.
/// </summary>
/// <param name="root">Absolute. Made, mode 0700, when it is first needed.</param>
public sealed class Workspace(string root)
{
    /// <summary>The largest file read or written, in bytes.</summary>
    public const int LongestFile = 10 * 1024 * 1024;

    private const int NewFolder = 0x1C0;

    private readonly Lock _writing = new();
    private readonly Beneath _beneath = new();

    /// <param name="walk">See <see cref="Beneath"/>.</param>
    internal Workspace(string root, bool walk)
        : this(root) => _beneath = new Beneath(walk);

    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <exception cref="ToolException">It can't be inside.</exception>
    internal string Parse(string? given) => WorkspacePath.Parse(given, Root);

    /// <summary>The whole of a regular file.</summary>
    /// <exception cref="ToolException">It isn't there, is no regular file, has other names, or is too big.</exception>
    internal byte[] Read(string path)
    {
        using var top = OpenRoot();
        using var file = Open(top, path, LinuxFile.ReadOnly | LinuxFile.NonBlocking | LinuxFile.NoTerminal);
        LinuxFile.Stat(file, out var stat);
        RefuseUnlessPlain(stat, path);

        // One byte more than may be there tells a file that grew meanwhile.
        var content = new byte[Math.Min(stat.Size, LongestFile) + 1];
        var length = 0;
        try
        {
            for (int got; length < content.Length && (got = RandomAccess.Read(file, content.AsSpan(length), length)) > 0;)
            {
                length += got;
                if (length == content.Length && length <= LongestFile)
                {
                    Array.Resize(ref content, Math.Min(content.Length * 2, LongestFile + 1));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"'{Refusal.Shown(path)}' could not be read: {e.Message}", e);
        }

        return length <= LongestFile ? content[..length] : throw Refusal.TooBig(path, length);
    }

    /// <summary>Opens a folder to look through. Null if it is a file, or goes through one.</summary>
    internal WorkspaceFolder? OpenFolder(string path)
    {
        using var top = OpenRoot();
        var error = _beneath.Open(top, path, LinuxFile.ReadOnly | LinuxFile.Directory, out var handle);
        return error switch
        {
            0 => new WorkspaceFolder(handle, path),
            Refusal.NotAFolder => null,
            _ => throw Refusal.Of(error, path),
        };
    }

    /// <summary>Puts content in a file's place at once, making the folders above. A file that was there keeps its rights.</summary>
    internal void Write(string path, ReadOnlyMemory<byte> content)
    {
        if (content.Length > LongestFile)
        {
            throw Refusal.TooBig(path, content.Length);
        }

        lock (_writing)
        {
            Replace(path, file => RandomAccess.Write(file, content.Span, 0));
        }
    }

    /// <summary>Reads, changes and writes a file with no other writer of this program between.</summary>
    internal void Update(string path, Func<byte[], byte[]> change)
    {
        lock (_writing)
        {
            var changed = change(Read(path));
            if (changed.Length > LongestFile)
            {
                throw Refusal.TooBig(path, changed.Length);
            }

            Replace(path, file => RandomAccess.Write(file, changed, 0));
        }
    }

    /// <summary>Removes a file, a link (never what it leads to) or a folder.</summary>
    /// <returns>How many files and folders are gone.</returns>
    internal int Delete(string path, bool recursive)
    {
        if (path.Length == 0)
        {
            throw new ToolException("The workspace itself is not deleted. Name what is to be deleted in it.");
        }

        lock (_writing)
        {
            var (parent, name) = WorkspacePath.Split(path);
            using var top = OpenRoot();
            using var folder = new WorkspaceFolder(Open(top, parent, LinuxFile.PathOnly | LinuxFile.Directory), parent);
            return folder.Remove(name, recursive);
        }
    }

    /// <param name="fill">Given the new file, before it takes the place; if it throws, what was there stays.</param>
    internal void Replace(string path, Action<SafeFileHandle> fill)
    {
        using var top = OpenRoot();
        var (folder, name) = Place(top, path);
        using (folder)
        {
            UnixFileMode? rights = null;
            if (LinuxFile.StatAt(folder, name, out var stat) == 0)
            {
                if (stat.Kind != FileKind.File)
                {
                    throw stat.Kind == FileKind.Folder ? Refusal.Of(Refusal.IsAFolder, path) : Refusal.Special(stat.Kind, path);
                }

                rights = stat.Rights;
            }

            NewFile.Put(folder, name, path, rights, fill);
        }
    }

    private SafeFileHandle OpenRoot()
    {
        try
        {
            AtomicFile.CreateFolder(Root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"The workspace can't be made: {e.Message} Tell a person.", e);
        }

        var error = LinuxFile.Open(Root, LinuxFile.PathOnly | LinuxFile.Directory, out var handle);
        return error == 0 ? handle : throw new ToolException($"The workspace can't be opened ({Refusal.Of(error, Root).Message}) Tell a person.");
    }

    private SafeFileHandle Open(SafeFileHandle top, string path, int flags)
    {
        var error = _beneath.Open(top, path, flags, out var handle);
        return error == 0 ? handle : throw Refusal.Of(error, path.Length == 0 ? "." : path);
    }

    /// <summary>The folder and the name a file is to have, behind any links at its name: a link stays one, what it leads to is written.</summary>
    private (SafeFileHandle Folder, string Name) Place(SafeFileHandle top, string path)
    {
        var at = path;
        for (var links = 0; links <= Beneath.MostLinks; links++)
        {
            var (parent, name) = WorkspacePath.Split(at.TrimEnd('/'));
            if (name is "" or "." or "..")
            {
                throw Refusal.Of(Refusal.IsAFolder, path.Length == 0 ? "." : path);
            }

            var folder = OpenOrMake(top, parent, path);
            if (LinuxFile.ReadLink(folder, name) is not { } target)
            {
                return (folder, name);
            }

            folder.Dispose();
            if (target.StartsWith('/'))
            {
                throw Refusal.OutsideByLink(path);
            }

            at = WorkspacePath.Join(parent, target);
        }

        throw Refusal.Of(Refusal.TooManyLinks, path);
    }

    private SafeFileHandle OpenOrMake(SafeFileHandle top, string parent, string path)
    {
        const int Flags = LinuxFile.PathOnly;
        var error = _beneath.Open(top, parent, Flags | LinuxFile.Directory, out var handle);
        if (error != Refusal.NotThere)
        {
            return error == 0 ? handle : throw Refusal.Of(error, path);
        }

        var made = "";
        foreach (var name in parent.Split('/'))
        {
            using var above = Open(top, made, Flags | LinuxFile.Directory);
            error = name is "" or "." or ".." ? 0 : LinuxFile.MakeFolder(above, name, NewFolder);
            if (error is not (0 or Refusal.AlreadyThere))
            {
                throw Refusal.Of(error, path);
            }

            made = WorkspacePath.Join(made, name);
        }

        return Open(top, parent, Flags | LinuxFile.Directory);
    }

    private static void RefuseUnlessPlain(FileStat stat, string path)
    {
        if (stat.Kind != FileKind.File)
        {
            throw stat.Kind == FileKind.Folder ? Refusal.Of(Refusal.IsAFolder, path) : Refusal.Special(stat.Kind, path);
        }

        if (stat.Links > 1)
        {
            throw new ToolException(
                $"'{Refusal.Shown(path)}' is a hard link: the file has {stat.Links} names, and another may lie outside the workspace. It is not read; ask for a copy of it.");
        }

        if (stat.Size > LongestFile)
        {
            throw Refusal.TooBig(path, stat.Size);
        }
    }
}
