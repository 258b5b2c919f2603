using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>
/// A schedule on a clock of the test's, its process killed at random while it works and between: afterwards the ledger holds
/// what should have happened, said by a model that knows nothing of the program. <c>PROTOAGENT_TEST_SLOTS</c> says how many due
/// times (README.md in this folder); the seed is in every message.
/// </summary>
public sealed class VirtualScheduleTests
{
    private const int Jobs = 24;
    private const int DieInOneOf = 3;
    private const int StayDeadInOneOf = 8;
    private const int LongestStepSeconds = 900;
    private const int LongestAbsenceSeconds = 9_000;

    private static readonly int s_slots = int.Parse(Environment.GetEnvironmentVariable("PROTOAGENT_TEST_SLOTS") is { Length: > 0 } slots ? slots : "800", CultureInfo.InvariantCulture);

    [Fact]
    public async Task KilledAtRandom_TheLedgerIsWhatShouldHaveHappened()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var box = new Sandbox();
        var start = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        var jobs = Enumerable.Range(0, Jobs).Select(i => PlannedJob.Draw(i, start, random)).ToList();
        box.File("data/jobs.txt", string.Join('\n', jobs.Select(j => j.Line)));
        var (now, kills, home) = (start, 0, Path.Combine(box.Root, "data"));
        var life = new Life(home, now);
        await life.IdleAsync();

        // Longer where chance would have so many slots pass in few kills.
        while (jobs.Sum(j => j.Ledger.Count) < s_slots || kills <= s_slots / 100)
        {
            if (random.Next(StayDeadInOneOf) == 0)
            {
                await life.KillAsync();
                kills++;
                now = now.AddSeconds(random.Next(1, LongestAbsenceSeconds));
                life = new Life(home, now);
            }
            else
            {
                now = now.AddSeconds(random.Next(1, LongestStepSeconds));
                await life.TellAsync(now);
            }

            // Killed in the middle of it, maybe again and again: what it leaves undone is done by the next one at the same time.
            for (var deaths = 0; deaths < 2 && random.Next(DieInOneOf) == 0; deaths++)
            {
                await life.DieAsync(random);
                kills++;
                life = new Life(home, now);
            }

            await life.IdleAsync();
            jobs.ForEach(j => j.Pass(now));
        }

        await life.KillAsync();
        kills.ShouldBeGreaterThan(s_slots / 100);
        var (ledger, turns) = await ReadAsync(home);
        foreach (var job in jobs)
        {
            ledger.GetValueOrDefault(job.Id, []).ShouldBe(job.Ledger, $"seed {seed}, job {job.Line}, {kills} kills");
        }

        turns.ShouldBe(jobs.Sum(j => j.Ledger.Count(r => r.EndsWith("done", StringComparison.Ordinal))), $"seed {seed}: one turn for each that fired");
    }

    /// <summary>"due status" of each job's rows, and how many turns are in the conversations.</summary>
    private static async Task<(Dictionary<string, List<string>> Ledger, long Turns)> ReadAsync(string home)
    {
        var ledger = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        await using (var jobs = await OpenAsync($"{home}/scheduler/a/jobs.db"))
        await using (var ask = jobs.CreateCommand())
        {
            ask.CommandText = "SELECT job_id, due_at, status FROM runs ORDER BY job_id, due_at";
            await using var rows = await ask.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                ledger.TryAdd(rows.GetString(0), []);
                ledger[rows.GetString(0)].Add($"{PlannedJob.Written(DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(1)))} {rows.GetString(2)}");
            }
        }

        await using var checkpoints = await OpenAsync($"{home}/checkpoints.db");
        await using var count = checkpoints.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM turns";
        return (ledger, (long)(await count.ExecuteScalarAsync())!);
    }

    private static async Task<SqliteConnection> OpenAsync(string file)
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>A job, and what a clock and its policy alone make of its due times.</summary>
    private sealed class PlannedJob(string id, string schedule, string missed, int window, int? maxRuns, Func<DateTimeOffset, DateTimeOffset?> next, DateTimeOffset start)
    {
        private DateTimeOffset? _next = next(start);
        private int _fires;

        public string Id => id;

        public string Line => $"{id}|{schedule}|{missed}|{window}|{maxRuns}";

        public List<string> Ledger { get; } = [];

        public static PlannedJob Draw(int i, DateTimeOffset start, Random random)
        {
            var missed = random.GetItems(["FireOnce", "FireAll", "Skip"], 1)[0];
            var (window, maxRuns) = (random.Next(0, 7200), random.Next(6) == 0 ? random.Next(1, 30) : (int?)null);
            var id = $"job-{i:00}";
            switch (random.Next(4))
            {
                case 0:
                    var at = start.AddSeconds(random.Next(1, 40_000));
                    return new PlannedJob(id, at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), missed, window, maxRuns, after => at > after ? at : null, start);
                case 1:
                    var step = random.GetItems([5, 10, 15, 20, 30], 1)[0];
                    return new PlannedJob(id, $"*/{step} * * * *", missed, window, maxRuns, after => Grid(after, step * 60), start);
                case 2:
                    var minute = random.Next(60);
                    return new PlannedJob(id, $"{minute} * * * *", missed, window, maxRuns, after => Grid(after.AddMinutes(-minute), 3600).AddMinutes(minute), start);
                default:
                    var period = random.Next(60, 3600);
                    return new PlannedJob(id, $"every {period}s", missed, window, maxRuns, after => start.AddSeconds(((int)(after - start).TotalSeconds / period * period) + period), start);
            }
        }

        /// <summary>Somebody looks at the clock, for the first time since the last pass.</summary>
        public void Pass(DateTimeOffset now)
        {
            var due = new List<DateTimeOffset>();
            for (var at = _next; at <= now; at = next(at.Value))
            {
                due.Add(at.Value);
            }

            var limit = TimeSpan.FromSeconds(missed == "Skip" ? 10 : Math.Max(10, window));
            foreach (var (i, at) in due.Index())
            {
                if (_next is null)
                {
                    return;
                }

                var fires = now - at <= limit && (missed == "FireAll" || i == due.Count - 1);
                Ledger.Add($"{Written(at)} {(fires ? "done" : "missed")}");
                _fires += fires ? 1 : 0;
                _next = _fires >= maxRuns ? null : next(at);
            }
        }

        public static string Written(DateTimeOffset at) => at.ToString("dd HH:mm:ss", CultureInfo.InvariantCulture);

        private static DateTimeOffset Grid(DateTimeOffset after, int seconds) =>
            DateTimeOffset.FromUnixTimeSeconds((after.ToUnixTimeSeconds() / seconds * seconds) + seconds);
    }

    private sealed class Life
    {
        private readonly Process _process;

        public Life(string home, DateTimeOffset now)
        {
            var start = new ProcessStartInfo(ProgramUnderTest.ScheduleHost, [home, Milliseconds(now)])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
            };
            start.Environment["HOME"] = home;
            _process = Process.Start(start)!;
            _process.ErrorDataReceived += (_, _) => { };
            _process.BeginErrorReadLine();
        }

        public Task TellAsync(DateTimeOffset now) => _process.StandardInput.WriteLineAsync(Milliseconds(now));

        public async Task IdleAsync()
        {
            while (await LineAsync() is not "idle")
            {
            }
        }

        /// <summary>After so many events, or when it has nothing to do any more, and a moment that no event marks.</summary>
        public async Task DieAsync(Random random)
        {
            for (var left = random.Next(12); left > 0 && await LineAsync() is not "idle"; left--)
            {
            }

            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 3));
            await KillAsync();
        }

        public async Task KillAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync().WaitAsync(Limits.Patience);
            _process.Dispose();
        }

        private async Task<string> LineAsync() =>
            await _process.StandardOutput.ReadLineAsync().WaitAsync(Limits.Patience) ?? throw new InvalidOperationException("The schedule's process ended by itself.");

        private static string Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
    }
}
