using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ProtoAgent.Agent.Scheduling;

/// <summary>
/// A kernel timer on the wall clock (timerfd_create(2)): it fires at a time and not after a while, also when the machine slept
/// over it, and at once when the clock is set, because every time that was reckoned before may be wrong then. One thread
/// sleeps in the kernel for it, from the first time that is set.
/// </summary>
/// <param name="fired">Called on that thread.</param>
internal sealed partial class ClockTimer(Action fired) : IDisposable
{
    private const int RealTime = 0;
    private const int CloseOnExec = 0x80000;
    private const int Absolute = 1;
    private const int CancelOnSet = 2;
    private const int Interrupted = 4;
    private const int Cancelled = 125;
    private const int Stack = 128 * 1024;

    private readonly Lock _gate = new();
    private SafeFileHandle? _timer;
    private volatile bool _disposed;

    /// <param name="at">Null: never.</param>
    public void Set(DateTimeOffset? at)
    {
        lock (_gate)
        {
            if (_disposed || (at is null && _timer is null))
            {
                return;
            }

            _timer ??= Start();

            // Zero would disarm it; what is past fires at once.
            var due = at is { } then ? Math.Max(1, (then - DateTimeOffset.UnixEpoch).Ticks) : 0;
            Arm(_timer, new Spec { Seconds = due / TimeSpan.TicksPerSecond, Nanoseconds = due % TimeSpan.TicksPerSecond * 100 });
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                if (_timer is not null)
                {
                    // Wakes the thread, which closes it.
                    Arm(_timer, new Spec { Nanoseconds = 1 });
                }
            }
        }
    }

    private static void Arm(SafeFileHandle timer, Spec spec)
    {
        if (SetTime(timer, Absolute | CancelOnSet, in spec, 0) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private SafeFileHandle Start()
    {
        var descriptor = Create(RealTime, CloseOnExec);
        if (descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        var timer = new SafeFileHandle(descriptor, ownsHandle: true);
        new Thread(() => Listen(timer), Stack) { IsBackground = true, Name = "schedule-clock" }.Start();
        return timer;
    }

    private void Listen(SafeFileHandle timer)
    {
        using (timer)
        {
            while (true)
            {
                var read = Read(timer, out _, sizeof(ulong));
                if (_disposed)
                {
                    return;
                }

                var error = read < 0 ? Marshal.GetLastPInvokeError() : 0;
                if (error is not (0 or Cancelled or Interrupted))
                {
                    throw new Win32Exception(error);
                }

                if (error != Interrupted)
                {
                    fired();
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "timerfd_create", SetLastError = true)]
    private static partial int Create(int clock, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_settime", SetLastError = true)]
    private static partial int SetTime(SafeFileHandle timer, int flags, in Spec spec, nint before);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle timer, out ulong expirations, nint size);

    /// <summary><c>struct itimerspec</c> on 64-bit Linux: the interval, which is none, then the first expiration.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Spec
    {
        public long IntervalSeconds;
        public long IntervalNanoseconds;
        public long Seconds;
        public long Nanoseconds;
    }
}
