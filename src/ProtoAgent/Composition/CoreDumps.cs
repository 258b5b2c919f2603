using System.Runtime.InteropServices;

namespace ProtoAgent.Composition;

/// <summary>
/// A process's memory holds its tokens, keys and conversations, and a core dump is that memory in a file. The constants are Linux's.
/// </summary>
internal static partial class CoreDumps
{
    private const int RlimitCore = 4;

    /// <summary>
    /// No file, by the limit; and no pipe either: a kernel whose core_pattern is a program (systemd-coredump) heeds no limit but this one,
    /// see do_coredump(). A process that dumps nothing may still be looked into by its own user, as <c>ps</c> does.
    /// </summary>
    private const ulong OneByte = 1;

    /// <summary>For this process and all it starts. A limit that stands lower already, stays.</summary>
    public static void Forbid()
    {
        if (GetLimit(RlimitCore, out var limit) == 0 && limit.Soft != OneByte)
        {
            limit.Soft = Math.Min(OneByte, limit.Hard);
            _ = SetLimit(RlimitCore, limit);
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
