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
        var note = Path.GetFullPath(guarded) + ".owner.json";
        holder = null;
        if (!s_held.TryAdd(path, true))
        {
            holder = ReadNote(note);
            return null;
        }

        try
        {
            AtomicFile.CreateFolder(Path.GetDirectoryName(path)!);
            if (Take(path, tryLock) is not { } file)
            {
                holder = ReadNote(note);
                s_held.TryRemove(path, out _);
                return null;
            }

            AtomicFile.Write(note, JsonSerializer.SerializeToUtf8Bytes(self, OwnershipJson.Default.LockHolder));
            return new OwnerLease(path, file, () => s_held.TryRemove(path, out _));
        }
        catch
        {
            s_held.TryRemove(path, out _);
            throw;
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

    private static LockHolder? ReadNote(string note)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(note), OwnershipJson.Default.LockHolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
