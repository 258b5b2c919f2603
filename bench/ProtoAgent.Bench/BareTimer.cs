using System.Runtime.InteropServices;

namespace ProtoAgent.Bench;

/// <summary>The least there is between a time and whoever waits for it: one thread asleep in the kernel until then.</summary>
internal static partial class BareTimer
{
    private const int RealTime = 0;
    private const int Absolute = 1;

    /// <summary>Sleeps to each of the times; how late it woke, in milliseconds.</summary>
    public static Task<List<double>> ErrorsAsync(IReadOnlyList<DateTimeOffset> times) => Task.Factory.StartNew(
        () => times.Select(Error).ToList(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static double Error(DateTimeOffset at)
    {
        var ticks = (at - DateTimeOffset.UnixEpoch).Ticks;
        var until = new Time { Seconds = ticks / TimeSpan.TicksPerSecond, Nanoseconds = ticks % TimeSpan.TicksPerSecond * 100 };
        return Sleep(RealTime, Absolute, in until, 0) == 0
            ? (TimeProvider.System.GetUtcNow() - at).TotalMilliseconds
            : throw new InvalidOperationException("clock_nanosleep(2) failed.");
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int Sleep(int clock, int flags, in Time until, nint left);

    /// <summary><c>struct timespec</c> on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
