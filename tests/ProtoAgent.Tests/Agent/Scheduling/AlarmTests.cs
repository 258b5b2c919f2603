using System.Runtime.InteropServices;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Scheduling;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>The kernel's own clock where the product uses it; one that stands elsewhere.</summary>
public sealed partial class AlarmTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Until_ATimeOfTheRealClock_WakesThenAndNotBefore()
    {
        using var alarm = new Alarm(TimeProvider.System);
        foreach (var milliseconds in new[] { 1, 20, 50 })
        {
            var at = TimeProvider.System.GetUtcNow().AddMilliseconds(milliseconds);
            await alarm.UntilAsync(at, CancellationToken.None).WaitAsync(s_patience);
            TimeProvider.System.GetUtcNow().ShouldBeGreaterThanOrEqualTo(at);
        }
    }

    [Fact]
    public async Task Until_PastOrRung_DoesNotWait()
    {
        using var alarm = new Alarm(TimeProvider.System);
        await alarm.UntilAsync(TimeProvider.System.GetUtcNow().AddDays(-1), CancellationToken.None).WaitAsync(s_patience);
        var waiting = alarm.UntilAsync(TimeProvider.System.GetUtcNow().AddYears(50), CancellationToken.None);
        waiting.IsCompleted.ShouldBeFalse();
        alarm.Ring();
        await waiting.WaitAsync(s_patience);
        alarm.Ring();
        await alarm.UntilAsync(null, CancellationToken.None).WaitAsync(s_patience);
    }

    [Fact]
    public async Task Until_SetEarlierWhileItWaits_WakesEarlier()
    {
        var fired = new TaskCompletionSource();
        using var clock = new ClockTimer(() => fired.TrySetResult());
        clock.Set(TimeProvider.System.GetUtcNow().AddHours(1));
        clock.Set(TimeProvider.System.GetUtcNow().AddMilliseconds(5));
        await fired.Task.WaitAsync(s_patience);
    }

    /// <summary>
    /// The clock is set to the time it shows, which the kernel tells everybody of all the same. Only who may set it (CAP_SYS_TIME,
    /// which root has and containers as a rule have not) can see that here.
    /// </summary>
    [Fact]
    public async Task Clock_Set_WakesWhoeverWaits()
    {
        var fired = new TaskCompletionSource();
        using var clock = new ClockTimer(() => fired.TrySetResult());
        clock.Set(TimeProvider.System.GetUtcNow().AddHours(1));
        GetTime(0, out var now).ShouldBe(0);
        var set = SetTime(0, in now) == 0;
        set.ShouldBe(MaySetTheClock());
        if (set)
        {
            await fired.Task.WaitAsync(s_patience);
        }
    }

    [Fact]
    public async Task Until_ATimeOfAClockThatStands_WakesWhenItIsMoved()
    {
        var time = new FakeTimeProvider();
        using var alarm = new Alarm(time);
        var waiting = alarm.UntilAsync(time.GetUtcNow().AddHours(2), CancellationToken.None);
        time.Advance(TimeSpan.FromHours(1));
        waiting.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromHours(1));
        await waiting.WaitAsync(s_patience);
    }

    private static bool MaySetTheClock()
    {
        var effective = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("CapEff:", StringComparison.Ordinal)).Split('\t')[1];
        return (Convert.ToUInt64(effective, 16) & (1UL << 25)) != 0;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "clock_settime")]
    private static partial int SetTime(int clock, in TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
