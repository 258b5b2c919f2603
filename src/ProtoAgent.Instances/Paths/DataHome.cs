namespace ProtoAgent.Instances.Paths;

/// <summary>
/// The one directory everything of this process lies under. Resolved once for all stores: half of them in one place and
/// half in another is how data is lost.
/// </summary>
/// <param name="Path">Absolute. It may not exist yet.</param>
/// <param name="Reason">Why this one, in words.</param>
public sealed record DataHome(string Path, string Reason)
{
    public const string Container = "/sandbox";

    /// <param name="boxRoot"><c>PROTOAGENT_BOX_ROOT</c>; blank counts as unset.</param>
    /// <param name="userHome">The user's home directory.</param>
    /// <param name="container">Where a container mounts its data; <see cref="Container"/> but for tests.</param>
    /// <exception cref="InstanceRefusedException">There is no place to keep data.</exception>
    public static DataHome Resolve(string? boxRoot, string? userHome, string container = Container)
    {
        if (boxRoot?.Trim() is { Length: > 0 } given)
        {
            return new DataHome(Normalize(given), "PROTOAGENT_BOX_ROOT");
        }

        if (Directory.Exists(container) && UnixFile.IsWritable(container))
        {
            return new DataHome(Normalize(container), $"{container} is a writable directory");
        }

        if (string.IsNullOrWhiteSpace(userHome))
        {
            throw new InstanceRefusedException(
                "no_data_home",
                $"There is no data home: {container} is not a writable directory and the user has no home directory. "
                + "Set PROTOAGENT_BOX_ROOT to a directory this process may write.");
        }

        return new DataHome(
            Normalize(System.IO.Path.Combine(userHome, ".protoagent")), $"{container} is not a writable directory, so ~/.protoagent");
    }

    /// <summary>True when the directory exists and holds anything at all.</summary>
    public bool HoldsData()
    {
        try
        {
            return Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any();
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Whether this process may write there, or make it: asked of the kernel, without writing.</summary>
    public bool CanBeWritten()
    {
        for (var folder = Path; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            if (Directory.Exists(folder))
            {
                return UnixFile.IsWritable(folder);
            }

            if (File.Exists(folder))
            {
                return false;
            }
        }

        return false;
    }

    private static string Normalize(string path)
    {
        if (path.Contains('\0'))
        {
            throw new InstanceRefusedException("no_data_home", "PROTOAGENT_BOX_ROOT holds a NUL character. Set it to an absolute path.");
        }

        return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
    }
}
