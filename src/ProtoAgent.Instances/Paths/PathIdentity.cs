using Microsoft.Win32.SafeHandles;

namespace ProtoAgent.Instances.Paths;

/// <summary>Whether two paths are one thing, by what the file system says and not by how they are spelled.</summary>
public static class PathIdentity
{
    /// <summary>Both exist, and are the same file or folder.</summary>
    public static bool Same(string a, string b) => UnixFile.IdentityOf(a) is { } identity && identity == UnixFile.IdentityOf(b);

    /// <summary>The path still names the open file: nobody moved or deleted it, or put another in its place.</summary>
    public static bool IsAt(SafeFileHandle file, string path) => UnixFile.IdentityOf(path) is { } identity && identity == UnixFile.IdentityOf(file);
}
