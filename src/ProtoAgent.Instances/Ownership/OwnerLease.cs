using Microsoft.Win32.SafeHandles;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Instances.Ownership;

/// <summary>Ownership, as a value: only <see cref="OwnerLock"/> makes one. Disposing it gives the store up.</summary>
public sealed class OwnerLease : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly FileIdentity? _identity;
    private readonly Action _released;
    private int _disposed;

    internal OwnerLease(string lockPath, SafeFileHandle file, Action released)
    {
        LockPath = lockPath;
        _file = file;
        _identity = UnixFile.IdentityOf(file);
        _released = released;
    }

    public string LockPath { get; }

    /// <summary>
    /// Whether acting as the owner is still right: one system call, for callers about to. False when the lease was disposed,
    /// or the lock file was deleted or replaced, so that another process could own the store by now.
    /// </summary>
    public bool IsStillHeld() => Volatile.Read(ref _disposed) == 0 && _identity is not null && UnixFile.IdentityOf(LockPath) == _identity;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            // In this order: the lock wakes who waits for it, in this process too.
            _released();
            UnixFile.Unlock(_file);
        }
    }
}
