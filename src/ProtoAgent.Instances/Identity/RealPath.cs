namespace ProtoAgent.Instances.Identity;

/// <summary>A path with every symbolic link resolved, so that one directory has one name.</summary>
internal static class RealPath
{
    /// <summary>Resolves what exists of the path; the rest, which cannot be a link, is appended as it is.</summary>
    public static string Of(string path) => Resolve(Path.GetFullPath(path), 0);

    private static string Resolve(string full, int depth)
    {
        // The kernel's own bound on a chain of links is 40; a loop can't be opened anyway.
        if (depth > 40 || Path.GetDirectoryName(full) is not { } parent)
        {
            return full;
        }

        var here = Path.Combine(Resolve(parent, depth), Path.GetFileName(full));
        return new DirectoryInfo(here) is { LinkTarget: { } target }
            ? Resolve(Path.GetFullPath(target, Path.GetDirectoryName(here)!), depth + 1)
            : here;
    }
}
