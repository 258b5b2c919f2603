using System.Runtime.InteropServices;
using System.Text;

namespace ProtoAgent.Commands;

/// <summary>
/// Starts the guarded program: a group of its own, the guard's standard streams and environment to the byte, every signal as a
/// fresh process has it, and no other descriptor. By <c>posix_spawn</c>: managed code can't run between fork and exec.
/// </summary>
internal static unsafe partial class GuardSpawn
{
    private const short NewGroupDefaultSignals = 0x02 | 0x04 | 0x08;
    private const int CloseRange = 436;
    private const int FirstAfterStreams = 3;
    private const int CloseOnExec = 4;

    /// <summary>More than <c>posix_spawnattr_t</c> (336 bytes) and <c>sigset_t</c> (128 bytes) are in any libc.</summary>
    private const int Opaque = 1024;

    /// <returns>0, or the error's number.</returns>
    public static int Start(IReadOnlyList<string> command, out int pid)
    {
        Span<byte> attributes = stackalloc byte[Opaque], signals = stackalloc byte[Opaque];
        fixed (byte* attribute = attributes, signal = signals)
        {
            // Ours are close-on-exec already; this holds whatever a library, or who started us, may do. Before Linux 5.11 it does nothing.
            _ = SystemCall(CloseRange, FirstAfterStreams, int.MaxValue, CloseOnExec);

            // None of these can fail: they write to the memory they are given. All signals, as the runtime ignores SIGPIPE, and
            // what is ignored stays so over exec.
            _ = InitializeAttributes(attribute);
            _ = SetFlags(attribute, NewGroupDefaultSignals);
            _ = EmptySet(signal);
            _ = SetMask(attribute, signal);
            _ = FillSet(signal);
            _ = SetDefaults(attribute, signal);
            var arguments = Vector([.. command.Select(a => Encoding.UTF8.GetBytes(a))]);
            var environment = Vector(Environment());
            return Spawn(out pid, arguments[0], null, attribute, arguments, environment);
        }
    }

    /// <summary>As it was given to this process. Not by way of strings: a value need not be text.</summary>
    private static List<byte[]> Environment()
    {
        var block = File.ReadAllBytes("/proc/self/environ").AsSpan();
        var variables = new List<byte[]>();
        while (block.IndexOf((byte)0) is >= 0 and var end)
        {
            variables.Add(block[..end].ToArray());
            block = block[(end + 1)..];
        }

        return variables;
    }

    /// <summary>Never freed: it is used once, and exec takes it.</summary>
    private static byte** Vector(List<byte[]> items)
    {
        var vector = (byte**)NativeMemory.AllocZeroed((nuint)items.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < items.Count; i++)
        {
            vector[i] = (byte*)NativeMemory.AllocZeroed((nuint)items[i].Length + 1);
            items[i].CopyTo(new Span<byte>(vector[i], items[i].Length));
        }

        return vector;
    }

    [LibraryImport("libc", EntryPoint = "posix_spawnp")]
    private static partial int Spawn(out int pid, byte* file, void* fileActions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int InitializeAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int EmptySet(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int FillSet(byte* signals);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third);
}
