using CsCheck;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Stores.Jobs;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>What becomes of due times, step by step, against the rule said in one go.</summary>
public sealed class CatchUpTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_ledger = TimeSpan.FromDays(30);

    [Fact]
    public void Steps_OfAnyAbsence_GiveEachDueTimeOneEnd() =>
        Gen.Select(Gen.OneOf(Gen.Const(MissedFires.FireOnce), Gen.Const(MissedFires.FireAll), Gen.Const(MissedFires.Skip)), Gen.Int[1, 90], Gen.Int[0, 20_000], Gen.Int[0, 4000]).Sample((missed, period, absence, window) =>
        {
            var policy = new JobPolicy { Missed = missed, MissedWindow = TimeSpan.FromSeconds(window) };
            var now = s_start.AddSeconds(absence);
            var expected = Expected(policy, period, now);
            var (fired, missing, next) = Played(policy, $"every {period}s", s_start.AddSeconds(period), now);
            fired.ShouldBe(expected.Where(e => e.Reason is null).Select(e => e.At));
            missing.ShouldBe(expected.Where(e => e.Reason is not null).Select(e => (e.At, e.Reason!)).Order(), ignoreOrder: true);
            next.ShouldBe(s_start.AddSeconds((absence / period * period) + period));
        }, iter: 2000);

    [Fact]
    public void OneShot_LateWithinItsWindow_FiresAndThenEnds()
    {
        var (fired, missing, next) = Played(new JobPolicy(), "2026-03-01T12:00:05Z", s_start.AddSeconds(5), s_start.AddHours(23));
        fired.ShouldBe([s_start.AddSeconds(5)]);
        (missing.Count, next).ShouldBe((0, null));
    }

    [Fact]
    public void OneShot_LateBeyondIt_IsRecordedAsMissed()
    {
        var (fired, missing, next) = Played(new JobPolicy(), "2026-03-01T12:00:05Z", s_start.AddSeconds(5), s_start.AddHours(25));
        (fired.Count, missing.ShouldHaveSingleItem().Reason, next).ShouldBe((0, JobReasons.TooLate, null));
    }

    [Fact]
    public void Absence_LongerThanTheLedgerIsKept_WritesWhatItStillHolds()
    {
        var now = s_start.AddDays(400);
        var (fired, missing, _) = Played(new JobPolicy(), "every 1h", s_start.AddHours(1), now);
        fired.ShouldBe([now]);
        missing.Count.ShouldBe(1 + (30 * 24) - 1, "the oldest stands for those older than the ledger, and the last fires");
        missing.Min(m => m.At).ShouldBe(s_start.AddHours(1));
    }

    [Fact]
    public void OnTime_OverlapDecidesHowManyMayBeOpen()
    {
        foreach (var (overlap, most) in new[] { (Overlap.Skip, 1), (Overlap.QueueOne, 2), (Overlap.Parallel, CatchUp.MostWaiting) })
        {
            var fire = CatchUp.Of(Job(new JobPolicy { Overlap = overlap }, "every 1m", s_start), JobSchedule.Parse("every 1m", null), s_start, s_ledger).ShouldBeOfType<CatchUp.Fire>();
            fire.MostOpen.ShouldBe(most);
        }
    }

    /// <summary>All due times by now, with the reason for those that do not fire.</summary>
    private static List<(DateTimeOffset At, string? Reason)> Expected(JobPolicy policy, int period, DateTimeOffset now)
    {
        var all = Enumerable.Range(1, 20_000).Select(i => s_start.AddSeconds(i * period)).TakeWhile(t => t <= now).ToList();
        var onTime = TimeSpan.FromSeconds(10);
        var window = policy.Missed == MissedFires.Skip || policy.MissedWindow < onTime ? onTime : policy.MissedWindow;
        return [.. all.Select((t, i) => (t, now - t > window ? JobReasons.TooLate : policy.Missed != MissedFires.FireAll && i < all.Count - 1 ? JobReasons.Superseded : null))];
    }

    private static (List<DateTimeOffset> Fired, List<(DateTimeOffset At, string Reason)> Missing, DateTimeOffset? Next) Played(
        JobPolicy policy, string text, DateTimeOffset first, DateTimeOffset now)
    {
        var schedule = JobSchedule.Parse(text, null);
        var (fired, missing) = (new List<DateTimeOffset>(), new List<(DateTimeOffset, string)>());
        DateTimeOffset? next = first;
        while (next <= now)
        {
            switch (CatchUp.Of(Job(policy, text, next.Value), schedule, now, s_ledger))
            {
                case CatchUp.Miss miss:
                    miss.Due.Count.ShouldBeInRange(1, JobStore.MaxRecorded);
                    missing.AddRange(miss.Due.Select(d => (d, miss.Reason)));
                    next = miss.Next;
                    break;
                case CatchUp.Fire fire:
                    fired.Add(fire.Due);
                    next = fire.Next;
                    break;
            }
        }

        return (fired, missing, next);
    }

    private static Job Job(JobPolicy policy, string schedule, DateTimeOffset next) => new()
    {
        Id = "j", Prompt = "p", Schedule = schedule, Timezone = "UTC", State = JobState.Active, NextFire = next, CreatedAt = s_start, UpdatedAt = s_start, Version = 1, Anchor = s_start, Policy = policy,
    };
}
