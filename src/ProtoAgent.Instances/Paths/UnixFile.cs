using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ProtoAgent.Instances.Paths;

/// <summary>The few things .NET has no word for. The constants are Linux's, the same on x64 and arm64.</summary>
internal static partial class UnixFile
{
    private const int WriteAndSearch = 2 | 1;
    private const int ReadWriteCreateCloseOnExec = 0x2 | 0x40 | 0x80000;
    private const int ReadCloseOnExec = 0x80000;
    private const int OwnerOnly = 0x180;
    private const int Exclusive = 2;
    private const int Shared = 1;
    private const int NonBlocking = 4;
    private const int Release = 8;
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const uint WantInode = 0x100;
    private const int Interrupted = 4;
    private const int WouldBlock = 11;
    private const int NotThere = 2;
    private const int Exists = 17;

    /// <summary>Asks the kernel without writing, so that a refused start leaves no trace.</summary>
    public static bool IsWritable(string directory) => Access(directory, WriteAndSearch) == 0;

    /// <summary>Opens for locking, close-on-exec, so that no child process keeps the lock.</summary>
    /// <param name="create">Makes the file, for this user only, if it isn't there; else the answer is null.</param>
    /// <exception cref="IOException">The file can't be opened.</exception>
    public static SafeFileHandle? Open(string path, bool create)
    {
        RequireLinux();
        int descriptor;
        do
        {
            descriptor = OpenFile(path, create ? ReadWriteCreateCloseOnExec : ReadCloseOnExec, OwnerOnly);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NotThere && !create ? null : throw new IOException($"{path} can't be opened: {new Win32Exception(error).Message}.");
    }

    /// <summary>Takes the lock without waiting. False when another open file holds it.</summary>
    /// <exception cref="LockUnsupportedException">The file system has no working locks.</exception>
    public static bool TryLock(SafeFileHandle file, string path, bool exclusive)
    {
        while (FileLock(file, (exclusive ? Exclusive : Shared) | NonBlocking) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == WouldBlock)
            {
                return false;
            }

            if (error != Interrupted)
            {
                throw new LockUnsupportedException(path, new Win32Exception(error).Message);
            }
        }

        return true;
    }

    /// <summary>Takes the exclusive lock, and sleeps until it can: for a thread that has nothing else to do.</summary>
    /// <exception cref="LockUnsupportedException">The file system has no working locks.</exception>
    public static void Lock(SafeFileHandle file, string path)
    {
        while (FileLock(file, Exclusive) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                throw new LockUnsupportedException(path, new Win32Exception(error).Message);
            }
        }
    }

    /// <summary>
    /// Lets the lock go, and closes. Closing alone lets it go only when the last copy of the descriptor is closed, and a child process has
    /// one from its fork to its exec.
    /// </summary>
    public static void Unlock(SafeFileHandle file)
    {
        _ = FileLock(file, Release);
        file.Dispose();
    }

    /// <summary>
    /// Gives a file a second name. False if there is something of that name: of all who try at once, one gets it. .NET's own
    /// move without overwriting looks first and renames then, and two who looked at once both succeed.
    /// </summary>
    /// <exception cref="IOException">The file system gives no second names, or the name can't be given.</exception>
    public static bool TryGiveName(string path, string name)
    {
        RequireLinux();
        if (Link(path, name) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == Exists ? false : throw new IOException($"{name} can't be made: {new Win32Exception(error).Message}.");
    }

    /// <summary>The inode behind an open file.</summary>
    public static FileIdentity? IdentityOf(SafeFileHandle file)
    {
        var added = false;
        try
        {
            file.DangerousAddRef(ref added);
            return Stat((int)file.DangerousGetHandle(), "", EmptyPath);
        }
        finally
        {
            if (added)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>The inode the path names now; null if it names none.</summary>
    public static FileIdentity? IdentityOf(string path) => Stat(CurrentDirectory, path, 0);

    private static FileIdentity? Stat(int directory, string path, int flags)
    {
        RequireLinux();
        return StatX(directory, path, flags, WantInode, out var stat) == 0
            ? new FileIdentity(((ulong)stat.DeviceMajor << 32) | stat.DeviceMinor, stat.Inode)
            : null;
    }

    private static void RequireLinux()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException(
                "ProtoAgent's ownership rests on Linux file locks, and has not been proved on this system. Run it in a container or in WSL.");
        }
    }

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Link(string path, string name);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FileLock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int StatX(int directory, string path, int flags, uint mask, out StatXBuffer buffer);

    /// <summary><c>struct statx</c>: one layout on every architecture, unlike <c>struct stat</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatXBuffer
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}

/// <summary>What a file is, whatever it is called.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileIdentity(ulong Device, ulong Inode);
