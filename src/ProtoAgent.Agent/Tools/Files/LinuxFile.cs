using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>
/// System calls that work from an open folder, where .NET works from a path somebody may have changed meanwhile. Each answers
/// the kernel's error number, 0 for success. The constants are Linux's; where x64 and arm64 differ, it says so.
/// </summary>
internal static partial class LinuxFile
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;

    /// <summary>Never the controlling terminal, whatever is opened.</summary>
    public const int NoTerminal = 0x100;

    /// <summary>A fifo nobody writes to must not hang us.</summary>
    public const int NonBlocking = 0x800;

    /// <summary>No child process gets it.</summary>
    public const int CloseOnExec = 0x80000;

    /// <summary>Only a place to work from: needs no right to read.</summary>
    public const int PathOnly = 0x200000;

    private const int OpenAt2Number = 437;
    private const int HowSize = 24;
    private const int EmptyPath = 0x1000;
    private const int DontFollow = 0x100;
    private const int RemoveFolder = 0x200;
    private const uint BasicStats = 0x7FF;
    private const ulong NoMagicLinks = 0x02;
    private const ulong Beneath = 0x08;
    private const int LongestLink = 4096;
    private const int EntryNameOffset = 19;
    private const uint ExchangeNames = 2;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>Differs by architecture.</summary>
    public static int Directory { get; } = IsArm ? 0x4000 : 0x10000;

    /// <summary>Differs by architecture.</summary>
    public static int NoFollow { get; } = IsArm ? 0x8000 : 0x20000;

    private static int ListNumber { get; } = IsArm ? 61 : 217;

    private static int RenameAt2Number { get; } = IsArm ? 276 : 316;

    /// <summary>Opens a path this program chose, links and all.</summary>
    public static int Open(string path, int flags, out SafeFileHandle handle) => Opened(OpenPath(path, flags | CloseOnExec, 0), out handle);

    /// <summary>One name in a folder.</summary>
    public static int OpenAt(SafeFileHandle folder, string name, int flags, out SafeFileHandle handle, int mode = 0) =>
        Opened(OpenName(folder, name, flags | CloseOnExec, mode), out handle);

    /// <summary>Lets the kernel resolve a path that must not leave the folder: neither by <c>..</c> nor by any link on its way.</summary>
    public static int OpenBeneath(SafeFileHandle folder, string path, int flags, out SafeFileHandle handle)
    {
        var how = new OpenHow { Flags = (ulong)(flags | CloseOnExec), Resolve = Beneath | NoMagicLinks };
        return Opened((int)OpenHowAt(OpenAt2Number, folder, path, in how, HowSize), out handle);
    }

    public static int Stat(SafeFileHandle file, out FileStat stat) => Stat(file, "", EmptyPath, out stat);

    /// <summary>What the name is itself, not what it leads to.</summary>
    public static int StatAt(SafeFileHandle folder, string name, out FileStat stat) => Stat(folder, name, DontFollow, out stat);

    /// <summary>Where a link leads; null if it is none, or is gone.</summary>
    public static string? ReadLink(SafeFileHandle folder, string name)
    {
        var target = new byte[LongestLink];
        var length = ReadLinkAt(folder, name, target, (nuint)target.Length);
        return length < 0 ? null : Encoding.UTF8.GetString(target, 0, (int)length);
    }

    public static int MakeFolder(SafeFileHandle folder, string name, int mode) => Answer(MakeFolderAt(folder, name, mode));

    public static int Rename(SafeFileHandle folder, string from, string to) => Answer(RenameAt(folder, from, folder, to));

    /// <summary>Lets two names of a folder change places, in one step.</summary>
    public static int Exchange(SafeFileHandle folder, string one, string other) => Answer((int)ExchangeAt(RenameAt2Number, folder, one, folder, other, ExchangeNames));

    public static int Remove(SafeFileHandle folder, string name, bool isFolder) => Answer(UnlinkAt(folder, name, isFolder ? RemoveFolder : 0));

    /// <summary>The next names of a folder opened for reading, without <c>.</c> and <c>..</c>; none when <paramref name="ended"/>.</summary>
    public static int List(SafeFileHandle folder, byte[] buffer, List<string> names, out bool ended)
    {
        var length = (int)ListEntries(ListNumber, folder, buffer, (nuint)buffer.Length);
        ended = length <= 0;
        for (var at = 0; at < length;)
        {
            // struct linux_dirent64: inode, offset, length of the record, type, name and NUL.
            var record = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 16));
            var name = buffer.AsSpan(at + EntryNameOffset, record - EntryNameOffset);
            var text = Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
            if (text is not ("." or ".."))
            {
                names.Add(text);
            }

            at += record;
        }

        return Answer(length);
    }

    private static int Stat(SafeFileHandle folder, string name, int flags, out FileStat stat)
    {
        var error = Answer(StatX(folder, name, flags, BasicStats, out var buffer));
        stat = new FileStat(buffer.Mode, buffer.Links, (long)buffer.Size, buffer.ModifiedSeconds)
        {
            Changed = (buffer.ChangedSeconds * 1_000_000_000) + buffer.ChangedNanoseconds, Inode = (long)buffer.Inode,
        };
        return error;
    }

    private static int Opened(int descriptor, out SafeFileHandle handle)
    {
        var error = Answer(descriptor);
        handle = new SafeFileHandle(descriptor, ownsHandle: error == 0);
        return error;
    }

    private static int Answer(int result) => result < 0 ? Marshal.GetLastPInvokeError() : 0;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenPath(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "openat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenName(SafeFileHandle folder, string name, int flags, int mode);

    /// <summary>No libc in use wraps it yet.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint OpenHowAt(nint number, SafeFileHandle folder, string path, in OpenHow how, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint ListEntries(nint number, SafeFileHandle folder, byte[] buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int StatX(SafeFileHandle folder, string name, int flags, uint mask, out StatXBuffer buffer);

    [LibraryImport("libc", EntryPoint = "readlinkat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint ReadLinkAt(SafeFileHandle folder, string name, byte[] target, nuint size);

    [LibraryImport("libc", EntryPoint = "mkdirat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeFolderAt(SafeFileHandle folder, string name, int mode);

    [LibraryImport("libc", EntryPoint = "renameat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int RenameAt(SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to);

    /// <summary>Old libcs don't wrap it.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint ExchangeAt(nint number, SafeFileHandle fromFolder, string from, SafeFileHandle toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int UnlinkAt(SafeFileHandle folder, string name, int flags);

    /// <summary><c>struct open_how</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary><c>struct statx</c>: one layout on every architecture, unlike <c>struct stat</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatXBuffer
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(96)]
        public long ChangedSeconds;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        [FieldOffset(112)]
        public long ModifiedSeconds;
    }
}
