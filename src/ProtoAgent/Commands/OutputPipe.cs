using System.Runtime.InteropServices;

namespace ProtoAgent.Commands;

/// <summary>Whether somebody still reads what is written to a pipe: the runtime writes on into nothing and says no word.</summary>
internal static partial class OutputPipe
{
    private const short Gone = 0x08 | 0x10; // POLLERR, POLLHUP

    /// <summary>False also where it can't be told.</summary>
    public static bool IsClosed()
    {
        if (!Console.IsOutputRedirected)
        {
            return false;
        }

        var output = new Polled { Descriptor = 1 };
        return Poll(ref output, 1, 0) > 0 && (output.Happened & Gone) != 0;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref Polled first, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Polled
    {
        public int Descriptor;
        public short Wanted;
        public short Happened;
    }
}
