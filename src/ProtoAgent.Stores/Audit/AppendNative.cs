using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ProtoAgent.Stores.Audit;

/// <summary>
/// Appending as the kernel does it: with <c>O_APPEND</c>, finding the end and writing there is one step, whoever else writes.
/// .NET's own append mode seeks first, and two processes would write over each other. The constants are Linux's.
/// </summary>
internal static partial class AppendNative
{
    private const int ReadWriteCreateAppendCloseOnExec = 0x2 | 0x40 | 0x400 | 0x80000;
    private const int OwnerOnly = 0x180;
    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int NonBlocking = 4;
    private const int Free = 8;
    private const int Interrupted = 4;
    private const int WouldBlock = 11;

    /// <summary>Makes the file, mode 0600, if it isn't there.</summary>
    /// <exception cref="IOException">Its <c>HResult</c> is the <c>errno</c>.</exception>
    public static SafeFileHandle Open(string path)
    {
        int descriptor;
        do
        {
            descriptor = OpenFile(path, ReadWriteCreateAppendCloseOnExec, OwnerOnly);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure();
    }

    /// <summary>One <c>write</c>. Less than all of it goes out only where the disk ends.</summary>
    /// <returns>How many bytes went out.</returns>
    /// <exception cref="IOException">None did. Its <c>HResult</c> is the <c>errno</c>.</exception>
    public static int Append(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        nint written;
        do
        {
            written = Write(file, bytes, bytes.Length);
        }
        while (written < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        return written >= 0 ? (int)written : throw Failure();
    }

    /// <summary>
    /// Waits for nobody. An open file has one lock, which this changes; closing lets go of it. A file system without locks is
    /// taken for one where nobody else is: the schedule may not run there, but what happened is still worth writing down.
    /// </summary>
    /// <returns>False when another open file's lock is in the way.</returns>
    public static bool TryLock(SafeFileHandle file, bool exclusive)
    {
        while (FileLock(file, (exclusive ? Exclusive : Shared) | NonBlocking) != 0)
        {
            if (Marshal.GetLastPInvokeError() is var error && error != Interrupted)
            {
                return error != WouldBlock;
            }
        }

        return true;
    }

    public static void Unlock(SafeFileHandle file) => _ = FileLock(file, Free);

    private static IOException Failure()
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException(new Win32Exception(errno).Message, errno);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FileLock(SafeFileHandle file, int operation);
}
