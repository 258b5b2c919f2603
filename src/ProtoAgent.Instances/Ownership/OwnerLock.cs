using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Instances.Ownership;

/// <summary>
/// Exclusive ownership of a store, held by the kernel for as long as this process lives and no longer. See README.md in
/// this folder for what is authoritative.
/// </summary>
public static class OwnerLock
{
    /// <summary>How often the file may be replaced under our hands before that is an error.</summary>
    private const int Attempts = 5;

    /// <summary>Bytes: it makes one system call.</summary>
    private const int SleeperStack = 128 * 1024;

    /// <summary>Paths held by this process: a replaced lock file would let it lock the same path twice.</summary>
    private static readonly ConcurrentDictionary<string, bool> s_held = new(StringComparer.Ordinal);

    /// <summary>Takes the lock of <paramref name="guarded"/> without waiting.</summary>
    /// <param name="guarded">The file that is owned; the lock is a file of its own beside it, <c>.lock</c>, that is never deleted.</param>
    /// <param name="self">Written beside for people.</param>
    /// <param name="holder">Who holds it, when the answer is null; null too if its note can't be read.</param>
    /// <returns>Null when it is held, by another process or by this one.</returns>
    /// <exception cref="LockUnsupportedException">The lock was taken and doesn't hold: the file system doesn't lock.</exception>
    /// <exception cref="IOException">The lock file can't be made or opened.</exception>
    public static OwnerLease? TryAcquire(string guarded, LockHolder self, out LockHolder? holder) =>
        TryAcquire(guarded, self, UnixFile.TryLock, out holder);

    /// <param name="tryLock">The system call, so that a test can be a file system that doesn't lock.</param>
    internal static OwnerLease? TryAcquire(
        string guarded, LockHolder self, Func<SafeFileHandle, string, bool, bool> tryLock, out LockHolder? holder)
    {
        var path = Path.GetFullPath(guarded) + ".lock";
        holder = null;
        if (!s_held.TryAdd(path, true))
        {
            holder = ReadNote(guarded);
            return null;
        }

        SafeFileHandle? file = null;
        try
        {
            AtomicFile.CreateFolder(Path.GetDirectoryName(path)!);
            file = Take(path, tryLock);
            if (file is null)
            {
                holder = ReadNote(guarded);
                s_held.TryRemove(path, out _);
                return null;
            }

            WriteNote(guarded, self);
            return new OwnerLease(path, file, () => s_held.TryRemove(path, out _));
        }
        catch
        {
            s_held.TryRemove(path, out _);
            if (file is not null)
            {
                UnixFile.Unlock(file);
            }

            throw;
        }
    }

    /// <summary>
    /// Waits for the lock, for as long as it takes: one thread sleeps in the kernel, which wakes it in the moment the holder is
    /// gone and never before. A timer would be late, and wake an idle box.
    /// </summary>
    /// <exception cref="LockUnsupportedException">As for <see cref="TryAcquire(string, LockHolder, out LockHolder?)"/>.</exception>
    /// <exception cref="IOException">The lock file can't be made or opened, or this process itself holds it by now.</exception>
    public static async Task<OwnerLease> AcquireAsync(string guarded, LockHolder self, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(guarded) + ".lock";
        while (true)
        {
            var file = await LockedAsync(path, cancellationToken);
            try
            {
                // The owner's file was replaced while we slept on the old one: that lock is nobody's any more.
                if (UnixFile.IdentityOf(path) != UnixFile.IdentityOf(file))
                {
                    file.Dispose();
                    continue;
                }

                Prove(path, UnixFile.TryLock);
                WriteNote(guarded, self);
                return s_held.TryAdd(path, true)
                    ? new OwnerLease(path, file, () => s_held.TryRemove(path, out _))
                    : throw new IOException($"{path} is held by this process already.");
            }
            catch
            {
                UnixFile.Unlock(file);
                throw;
            }
        }
    }

    /// <summary>A caller that gives up leaves the thread asleep: nothing can wake it but the lock, which it then lets go at once.</summary>
    private static Task<SafeFileHandle> LockedAsync(string path, CancellationToken cancellationToken)
    {
        var locked = new TaskCompletionSource<SafeFileHandle>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelling = cancellationToken.Register(() => locked.TrySetCanceled(cancellationToken));
        new Thread(Sleep, SleeperStack) { IsBackground = true, Name = "owner-lock" }.Start();
        return locked.Task;

        void Sleep()
        {
            try
            {
                var file = UnixFile.Open(path, create: true)!;
                UnixFile.Lock(file, path);
                if (!locked.TrySetResult(file))
                {
                    UnixFile.Unlock(file);
                }
            }
            catch (Exception e)
            {
                locked.TrySetException(e);
            }

            cancelling.Dispose();
        }
    }

    private static SafeFileHandle? Take(string path, Func<SafeFileHandle, string, bool, bool> tryLock)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var file = UnixFile.Open(path, create: true)!;
            try
            {
                if (!tryLock(file, path, true))
                {
                    file.Dispose();
                    return null;
                }

                // Between open and lock somebody may have put another file there: ours would be a lock nobody looks at.
                if (UnixFile.IdentityOf(path) == UnixFile.IdentityOf(file))
                {
                    Prove(path, tryLock);
                    return file;
                }

                file.Dispose();
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }

        throw new LockUnsupportedException(path, $"it was replaced {Attempts} times while being locked");
    }

    /// <summary>
    /// A second open must fail to lock. On NFS flock is emulated by record locks, which are the process's and let it
    /// in twice (and closing either lets go of both); a file system without locks lets everybody in.
    /// </summary>
    private static void Prove(string path, Func<SafeFileHandle, string, bool, bool> tryLock)
    {
        using var second = UnixFile.Open(path, create: true)!;
        if (tryLock(second, path, true))
        {
            throw new LockUnsupportedException(path, "the same lock could be taken twice");
        }
    }

    /// <summary>Whether somebody holds the lock, asked without writing anything: what is true now may not be in a moment.</summary>
    public static bool IsHeld(string guarded)
    {
        var path = Path.GetFullPath(guarded) + ".lock";
        using var file = File.Exists(path) ? UnixFile.Open(path, create: false) : null;
        if (file is null)
        {
            return false;
        }

        if (!UnixFile.TryLock(file, path, exclusive: false))
        {
            return true;
        }

        UnixFile.Unlock(file);
        return false;
    }

    /// <summary>Who took the lock last, as it says itself: for people. Null if it left no readable note.</summary>
    public static LockHolder? HolderOf(string guarded) => ReadNote(guarded);

    private static string Note(string guarded) => Path.GetFullPath(guarded) + ".owner.json";

    /// <summary>Not flushed: it is for people, a lost one is as good as none, and a take-over must not wait for the disk.</summary>
    private static void WriteNote(string guarded, LockHolder self) =>
        AtomicFile.Write(Note(guarded), JsonSerializer.SerializeToUtf8Bytes(self, OwnershipJson.Default.LockHolder), flush: false);

    private static LockHolder? ReadNote(string guarded)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Note(guarded)), OwnershipJson.Default.LockHolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
