using System.Runtime.InteropServices;

namespace ProtoAgent.Instances.Paths;

/// <summary>What .NET has no word for: may this process write here.</summary>
internal static partial class UnixFile
{
    private const int WriteAndSearch = 2 | 1;

    /// <summary>Asks the kernel without writing, so that a refused start leaves no trace.</summary>
    public static bool IsWritable(string directory) => Access(directory, WriteAndSearch) == 0;

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
