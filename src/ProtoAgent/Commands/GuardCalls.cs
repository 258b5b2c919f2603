using System.Globalization;
using System.Runtime.InteropServices;

namespace ProtoAgent.Commands;

/// <summary>What the guard asks of the kernel. The constants are Linux's, the same on x64 and arm64.</summary>
internal static partial class GuardCalls
{
    public const int Terminate = 15;
    public const int Kill = 9;
    public const int NotThere = 2;
    public const int NoSuchProcess = 3;

    private const int Interrupted = 4;
    private const int PidfdOpen = 434;
    private const int SetChildSubreaper = 36;
    private const int NoHang = 1;
    private const int CloseOnExecNonBlocking = 0x80000 | 0x800;
    private const short Readable = 1;

    /// <summary>A descriptor that becomes readable when the process ends; close-on-exec.</summary>
    public static int OpenProcess(int pid) => (int)SystemCall(PidfdOpen, pid, 0);

    /// <summary>Processes below this one whose parents end become its children, not init's.</summary>
    public static bool AdoptOrphans() => ProcessControl(SetChildSubreaper, 1, 0, 0, 0) == 0;

    public static int EventFile() => NewEventFile(0, CloseOnExecNonBlocking);

    public static void Wake(int eventFile) => Write(eventFile, 1, sizeof(ulong));

    /// <summary>Until the process behind <paramref name="process"/> has ended (-1: none), the event file is woken, or the time is up.</summary>
    /// <returns>Whether the process has ended.</returns>
    public static bool Wait(int process, int eventFile, int milliseconds)
    {
        Span<Polled> polled = [new() { Descriptor = process, Wanted = Readable }, new() { Descriptor = eventFile, Wanted = Readable }];
        if (Poll(ref MemoryMarshal.GetReference(polled), (nuint)polled.Length, milliseconds) < 0 && Marshal.GetLastPInvokeError() != Interrupted)
        {
            throw new InvalidOperationException($"poll failed: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        if (polled[1].Happened != 0)
        {
            _ = Read(eventFile, out _, sizeof(ulong));
        }

        return polled[0].Happened != 0;
    }

    /// <returns>The child that ended; 0 when all live; -1 when there is none.</returns>
    public static int Reap(out int status)
    {
        int ended;
        do
        {
            ended = WaitForChild(-1, out status, NoHang);
        }
        while (ended < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        return ended;
    }

    /// <summary>As a shell tells of it: the program's own, or 128 and the signal that ended it.</summary>
    public static int ExitCode(int status) => (status & 0x7f) is var signal and not 0 ? 128 + signal : (status >> 8) & 0xff;

    /// <summary>The processes whose parent is this one, and the groups they are in. From /proc: the kernel's own list of children is a build option.</summary>
    public static List<(int Id, int Group)> Children()
    {
        var children = new List<(int Id, int Group)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && Kin(folder) is { } kin && kin.Parent == Environment.ProcessId)
            {
                children.Add((id, kin.Group));
            }
        }

        return children;
    }

    private static (int Parent, int Group)? Kin(string folder)
    {
        try
        {
            // "123 (any) name) S 1 123 …": the name may hold anything, so it is read from its end.
            var stat = File.ReadAllText($"{folder}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 4);
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is another user's and so no child of ours.
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "setsid")]
    public static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int Parent();

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Signal(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int NewEventFile(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, in ulong value, nuint size);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, out ulong value, nuint size);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref Polled first, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitForChild(int pid, out int status, int options);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Polled
    {
        public int Descriptor;
        public short Wanted;
        public short Happened;
    }
}
