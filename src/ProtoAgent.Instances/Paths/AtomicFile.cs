namespace ProtoAgent.Instances.Paths;

/// <summary>Files and folders only this user can read, written beside and renamed, so that nobody ever reads half of one.</summary>
public static class AtomicFile
{
    private const UnixFileMode Folder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the folder and those above it, each mode 0700; one that is there keeps its mode.</summary>
    public static void CreateFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            // One by one: .NET gives the mode to the last alone.
            CreateFolder(Path.GetDirectoryName(path) ?? path);
            Directory.CreateDirectory(path, Folder);
        }
    }

    /// <param name="replace">False: an existing file is left as it is, and the answer is false.</param>
    /// <param name="flush">False: after a power loss there may be an empty file.</param>
    public static bool Write(string path, ReadOnlySpan<byte> content, bool replace = true, bool flush = true)
    {
        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = Create(beside))
            {
                file.Write(content);
                file.Flush(flush);
            }

            if (!replace)
            {
                return UnixFile.TryGiveName(beside, path);
            }

            System.IO.File.Move(beside, path, overwrite: true);
            return true;
        }
        finally
        {
            System.IO.File.Delete(beside);
        }
    }

    private static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        UnixCreateMode = File,
    });
}
