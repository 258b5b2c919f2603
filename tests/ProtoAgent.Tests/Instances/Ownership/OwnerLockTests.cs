using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Instances.Ownership;

public sealed partial class OwnerLockTests : IDisposable
{
    private static readonly LockHolder s_self = new(1, 7870, "alice", "protoagent", "box", DateTimeOffset.UnixEpoch, "1.0");

    private readonly TempFolder _temp = new();

    private string Guarded => Path.Combine(_temp.Path, "scheduler/jobs.db");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void TryAcquire_Free_ALeaseUntilDisposed()
    {
        using (var lease = OwnerLock.TryAcquire(Guarded, s_self, out _).ShouldNotBeNull())
        {
            lease.IsStillHeld().ShouldBeTrue();
            lease.LockPath.ShouldBe(Guarded + ".lock");
            OwnerLock.TryAcquire(Guarded, s_self with { Pid = 2 }, out var holder).ShouldBeNull();
            holder.ShouldBe(s_self);
            lease.IsStillHeld().ShouldBeTrue("being asked by another changes nothing");
            lease.Dispose();
            lease.IsStillHeld().ShouldBeFalse();
        }

        File.Exists(Guarded + ".lock").ShouldBeTrue("a lock file is never deleted");
        using var next = OwnerLock.TryAcquire(Guarded, s_self, out _).ShouldNotBeNull();
    }

    [Fact]
    public void Dispose_WhileAChildStillHasACopyOfTheDescriptor_LetsTheLockGo()
    {
        var lease = OwnerLock.TryAcquire(Guarded, s_self, out _).ShouldNotBeNull();

        // What a process has between its fork and its exec.
        var descriptor = Directory.GetFiles("/proc/self/fd").Single(d => new FileInfo(d).LinkTarget == lease.LockPath);
        using var copy = new SafeFileHandle(Copy(int.Parse(Path.GetFileName(descriptor), CultureInfo.InvariantCulture)), ownsHandle: true);
        copy.IsInvalid.ShouldBeFalse();
        lease.Dispose();
        OwnerLock.IsHeld(Guarded).ShouldBeFalse();
        using var next = OwnerLock.TryAcquire(Guarded, s_self, out _).ShouldNotBeNull();
    }

    [Fact]
    public void TryAcquire_LockFileReplacedWhileHeld_StillRefusedInThisProcess()
    {
        using var lease = OwnerLock.TryAcquire(Guarded, s_self, out _);
        File.Delete(Guarded + ".lock");
        lease!.IsStillHeld().ShouldBeFalse();
        OwnerLock.TryAcquire(Guarded, s_self, out _).ShouldBeNull();
    }

    [Fact]
    public void TryAcquire_FileSystemThatLetsEverybodyIn_Noticed()
    {
        var refused = Should.Throw<LockUnsupportedException>(() => OwnerLock.TryAcquire(Guarded, s_self, (_, _, _) => true, out _));
        refused.Message.ShouldContain("does not lock");
        refused.Message.ShouldContain(Guarded + ".lock");
        using var lease = OwnerLock.TryAcquire(Guarded, s_self, out _).ShouldNotBeNull("the failed try holds nothing back");
    }

    [Fact]
    public void TryAcquire_FileSystemWithoutLocks_Noticed()
    {
        bool NoLocks(SafeFileHandle file, string path, bool exclusive) => throw new LockUnsupportedException(path, "No locks available");
        Should.Throw<LockUnsupportedException>(() => OwnerLock.TryAcquire(Guarded, s_self, NoLocks, out _)).Message.ShouldContain("No locks available");
    }

    [Fact]
    public void TryAcquire_FileReplacedBetweenOpenAndLock_LocksTheOneThatIsThere()
    {
        var replaced = false;
        bool Replacing(SafeFileHandle file, string path, bool exclusive)
        {
            if (!replaced)
            {
                replaced = true;
                File.Delete(path);
                File.WriteAllText(path, "");
            }

            return UnixFile.TryLock(file, path, exclusive);
        }

        using var lease = OwnerLock.TryAcquire(Guarded, s_self, Replacing, out _).ShouldNotBeNull();
        replaced.ShouldBeTrue();
        lease.IsStillHeld().ShouldBeTrue();
    }

    [Fact]
    public void TryAcquire_FileReplacedAgainAndAgain_AnErrorNotALoop()
    {
        bool Replacing(SafeFileHandle file, string path, bool exclusive)
        {
            File.Delete(path);
            File.WriteAllText(path, "");
            return true;
        }

        Should.Throw<LockUnsupportedException>(() => OwnerLock.TryAcquire(Guarded, s_self, Replacing, out _)).Message.ShouldContain("replaced");
    }

    [Fact]
    public void TryAcquire_ManyAtOnce_OneWins()
    {
        var leases = new OwnerLease?[16];
        Parallel.For(0, leases.Length, i => leases[i] = OwnerLock.TryAcquire(Guarded, s_self with { Pid = i }, out _));
        leases.Count(l => l is not null).ShouldBe(1);
        Array.ForEach(leases, l => l?.Dispose());
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Copy(int descriptor);
}
