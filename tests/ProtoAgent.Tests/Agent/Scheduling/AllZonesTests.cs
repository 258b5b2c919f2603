using System.Globalization;
using ProtoAgent.Agent.Scheduling;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>Where clocks are set, anywhere: every fire around it is the oracle's. <c>README.md</c> has the long form.</summary>
public sealed class AllZonesTests(ITestOutputHelper output)
{
    private const int FirstYear = 2020;
    private const int LastYear = 2040;

    private static readonly bool s_all = Environment.GetEnvironmentVariable("PROTOAGENT_TEST_ZONES") == "all";

    private static readonly int s_seed =
        int.TryParse(Environment.GetEnvironmentVariable("PROTOAGENT_TEST_ZONES_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next();

    /// <summary>Half an hour, two hours, midnight, Ramadan, summer as the standard: always among the samples.</summary>
    private static readonly string[] s_odd =
    [
        "Australia/Lord_Howe", "Antarctica/Troll", "America/Havana", "America/Santiago", "Africa/Casablanca", "Africa/Cairo",
        "Asia/Gaza", "Europe/Dublin", "America/Nuuk", "America/Scoresbysund", "Asia/Beirut", "Asia/Almaty", "Antarctica/Casey",
    ];

    [Fact]
    public void Fires_AroundEveryChange_AreTheOracles()
    {
        var random = new Random(s_seed);
        var zones = Zones(random);
        var (changes, lines, fires) = (0, 0, 0L);
        foreach (var zone in zones)
        {
            var all = CronOracle.Changes(zone, FirstYear, LastYear);
            all.Zip(all.Skip(1), (a, b) => b - a).ShouldAllBe(apart => apart > TimeSpan.FromDays(2),
                $"{zone.Id}: the scheduler takes changes to be further apart. Is the machine's tzdata of the slim form? .NET reads that wrong.");

            // And a day on which nothing happens, as all days are in most zones.
            var quiet = new DateTime(FirstYear, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(random.Next(20 * 365 * 24));
            foreach (var change in (s_all ? all : [.. all.OrderBy(_ => random.Next()).Take(4)]).Append(quiet))
            {
                changes++;
                for (var i = s_all ? 24 : 12; i > 0; i--)
                {
                    lines++;
                    fires += Check(zone, change, CronLine.Near(random, TimeZoneInfo.ConvertTimeFromUtc(change.AddMinutes(random.Next(-120, 120)), zone)), random);
                }
            }
        }

        output.WriteLine($"seed {s_seed}: {zones.Count} zones, {changes} days, {lines} lines, {fires} fires");
        fires.ShouldBeGreaterThan(lines);
    }

    private static int Check(TimeZoneInfo zone, DateTime change, CronLine line, Random random)
    {
        var from = change.AddHours(-26);
        var to = change.AddHours(26);
        var expected = CronOracle.Fires(line, zone, from, to);
        if (!Possible(line))
        {
            Should.Throw<ScheduleException>(() => JobSchedule.Parse(line.Text, zone.Id)).Code.ShouldBe("never_fires", Said());
            return expected.Count;
        }

        var schedule = JobSchedule.Parse(line.Text, zone.Id);
        var after = new DateTimeOffset(from).AddTicks(-1);
        schedule.Between(after, new DateTimeOffset(to.AddSeconds(59)), after).Select(f => f.UtcDateTime).ShouldBe(expected, Said());

        // Asked at any time, not only from fire to fire: what is next is no matter of what was before.
        for (var i = 0; i < 8; i++)
        {
            var asked = change.AddTicks(random.NextInt64(-3 * TimeSpan.TicksPerHour, 3 * TimeSpan.TicksPerHour));
            asked = i % 2 == 0 ? asked : new DateTime(asked.Ticks - (asked.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
            var next = schedule.Next(new DateTimeOffset(asked), default)?.UtcDateTime;
            next = next > to.AddSeconds(59) ? null : next;
            next.ShouldBe(expected.Where(f => f > asked).Select(f => (DateTime?)f).FirstOrDefault(), $"{Said()}, asked at {asked:O}");
        }

        return expected.Count;

        string Said() => $"'{line.Text}' in {zone.Id} around {change:O}, PROTOAGENT_TEST_ZONES_SEED={s_seed}";
    }

    /// <summary>Some day of a leap year is meant; which weekday it is changes with the years.</summary>
    private static bool Possible(CronLine line) =>
        line.EitherDay || Enumerable.Range(0, 366).Select(d => new DateTime(2024, 1, 1).AddDays(d)).Any(d => line.Months.Contains(d.Month) && line.Days.Contains(d.Day));

    private static List<TimeZoneInfo> Zones(Random random)
    {
        var all = TimeZoneInfo.GetSystemTimeZones(skipSorting: true).OrderBy(z => z.Id, StringComparer.Ordinal).ToList();
        return s_all ? all : [.. all.Where(z => s_odd.Contains(z.Id)), .. all.OrderBy(_ => random.Next()).Take(20)];
    }
}
