using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Audit;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Audit;

public sealed class AuditLogTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly CountingLogger _logger = new();

    private string File => _folder.Paths().Audit;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_ALine_IsOneObjectForTheOwnerAlone()
    {
        await using (var log = Open())
        {
            await log.WriteAsync(new AuditLine("tool_called").With("tool", "calculator").With("result_length", 3L).With("cost", 0.5).With("ok", true).With("error", (string?)null));
        }

        Lines().ShouldHaveSingleItem().ShouldBe("""{"at":"2026-03-01T12:00:00.000Z","event":"tool_called","tool":"calculator","result_length":3,"cost":0.5,"ok":true}""");
        System.IO.File.GetUnixFileMode(File).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        System.IO.File.GetUnixFileMode(Path.GetDirectoryName(File)!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Write_TextOfAnyKind_IsRedactedThenCutAndValid()
    {
        await using (var log = Open(redact: t => t.Replace("hunter2", "[redacted]", StringComparison.Ordinal)))
        {
            await log.WriteAsync(new AuditLine("a").With("half", "\ud800").With("lines", "one\ntwo\u2028\"three\"").With("long", new string('x', 3998) + "hunter2" + new string('y', 100)));
        }

        var line = JsonDocument.Parse(Lines().ShouldHaveSingleItem()).RootElement;
        line.GetProperty("half").GetString().ShouldBe("\ufffd");
        line.GetProperty("lines").GetString().ShouldBe("one\ntwo\u2028\"three\"");
        line.GetProperty("long").GetString()!.ShouldEndWith("x[r… (108 more characters)");
        line.GetProperty("long").GetString()!.ShouldNotContain("hu");
    }

    [Fact]
    public async Task Dispose_LinesWaiting_AreWrittenFirst()
    {
        var log = Open();
        for (var i = 0; i < 1000; i++)
        {
            log.Write(new AuditLine("a").With("n", (long)i));
        }

        await log.DisposeAsync();
        await log.DisposeAsync();

        Lines().Length.ShouldBe(1000);
        log.Lost.ShouldBe(0);
        (await Should.ThrowAsync<StoreException>(() => log.WriteAsync(new AuditLine("late")))).Code.ShouldBe("store_closed");
        log.Write(new AuditLine("late"));
    }

    [Fact]
    public async Task Open_LastLineTorn_BeginsANewOne()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await System.IO.File.WriteAllTextAsync(File, "{\"event\":\"whole\"}\n{\"event\":\"to");
        await using (var log = Open())
        {
            await log.WriteAsync(new AuditLine("next"));
        }

        Lines()[..2].ShouldBe(["{\"event\":\"whole\"}", "{\"event\":\"to"]);
        Event(Lines()[2]).ShouldBe("next");
        System.IO.File.GetUnixFileMode(File).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, "an older, looser mode is tightened");
    }

    [Fact]
    public async Task Write_FileFull_KeepsFiveOlder()
    {
        await using (var log = Open(rotateAt: 200))
        {
            for (var i = 0; i < 40; i++)
            {
                await log.WriteAsync(new AuditLine("a").With("n", (long)i));
            }
        }

        var files = Directory.GetFiles(Path.GetDirectoryName(File)!).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        files.ShouldBe(["audit.1.jsonl", "audit.2.jsonl", "audit.3.jsonl", "audit.4.jsonl", "audit.5.jsonl", "audit.jsonl"]);
        var kept = Enumerable.Range(1, 5).Reverse().Select(n => AuditFile.Older(File, n)).Append(File).SelectMany(System.IO.File.ReadAllLines).Select(Number).ToList();
        kept.ShouldBe(Enumerable.Range(40 - kept.Count, kept.Count).Select(n => (long)n), "the newest, in their order, none twice");
        Directory.GetFiles(Path.GetDirectoryName(File)!).ShouldAllBe(f => System.IO.File.GetUnixFileMode(f) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Directory.GetFiles(Path.GetDirectoryName(File)!).ShouldAllBe(f => new FileInfo(f).Length <= 200);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(200_000)]
    public async Task Write_TwoWritersOfOneFile_EveryLineIsWhole(long rotateAt)
    {
        const int each = 2000;
        await using (var here = Open(rotateAt: rotateAt))
        await using (var there = Open(rotateAt: rotateAt))
        {
            await Task.WhenAll(new[] { here, there }.Select((log, writer) => Task.Run(async () =>
            {
                for (var i = 0; i < each; i++)
                {
                    await log.WriteAsync(new AuditLine("a").With("writer", (long)writer).With("n", (long)i).With("filler", new string('x', i % 300)));
                }
            })));
        }

        var lines = Directory.GetFiles(Path.GetDirectoryName(File)!).SelectMany(System.IO.File.ReadAllLines).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        lines.Select(l => (l.GetProperty("writer").GetInt64(), l.GetProperty("n").GetInt64())).Distinct().Count().ShouldBe(2 * each);
        lines.Count.ShouldBe(2 * each);
    }

    [Fact]
    public async Task Write_FileDeletedOrMoved_GoesOnWhereThePathSays()
    {
        await using var log = Open();
        await log.WriteAsync(new AuditLine("first"));
        System.IO.File.Delete(File);
        await log.WriteAsync(new AuditLine("second"));
        Event(Lines().ShouldHaveSingleItem()).ShouldBe("second");
    }

    [Fact]
    public async Task Write_NotPossibleForAWhile_SaysSoOnceAndCountsWhatIsLost()
    {
        // A folder in its place: what holds whoever runs the test, root included.
        Directory.CreateDirectory(File);
        await using var log = Open();
        log.Write(new AuditLine("lost"));
        log.Write(new AuditLine("lost"));
        var refused = await Should.ThrowAsync<StoreException>(() => log.WriteAsync(new AuditLine("refused")));

        refused.Message.ShouldContain(File);
        log.Problem!.Code.ShouldBe(refused.Code);
        log.Lost.ShouldBe(2, "who awaits a line knows by itself");
        _logger.Count.ShouldBe(1);

        Directory.Delete(File);
        await log.WriteAsync(new AuditLine("again"));

        log.Problem.ShouldBeNull();
        log.Lost.ShouldBe(0);
        _logger.Count.ShouldBe(2);
        Lines().Select(Event).ShouldBe(["lines_lost", "again"]);
        JsonDocument.Parse(Lines()[0]).RootElement.GetProperty("count").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task Write_DiskFull_FailsAndTheNextLineIsWholeWhenFreed()
    {
        using var disk = SmallDisk.Mount(_folder.Path);
        var file = Path.Combine(disk.Path, "audit.jsonl");
        await using var log = new AuditLog(file, long.MaxValue, t => t, _time, _logger);
        await log.WriteAsync(new AuditLine("first"));
        var ballast = disk.Fill();

        // What is left of the file's last page takes some of it, and then there is no more.
        (await Should.ThrowAsync<StoreException>(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                await log.WriteAsync(new AuditLine("too much").With("text", new string('x', 3000)));
            }
        })).Code.ShouldBe("store_full");
        System.IO.File.Delete(ballast);
        await log.WriteAsync(new AuditLine("again"));

        var lines = await System.IO.File.ReadAllLinesAsync(file);
        Event(lines[0]).ShouldBe("first");
        Event(lines[^1]).ShouldBe("again");
        log.Problem.ShouldBeNull();
    }

    [Fact]
    public async Task Write_CanNotBeMovedAway_GoesOnGrowingAndLosesNoOlderFile()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);

        // A folder that is not empty can't be replaced by a file.
        Directory.CreateDirectory(Path.Combine(AuditFile.Older(File, 1), "in the way"));
        await System.IO.File.WriteAllTextAsync(AuditFile.Older(File, 2), "older");
        await using var log = Open(rotateAt: 100);
        for (var i = 0; i < 20; i++)
        {
            await log.WriteAsync(new AuditLine("a").With("n", (long)i));
        }

        Lines().Select(Number).ShouldBe(Enumerable.Range(0, 20).Select(n => (long)n));
        log.Problem!.Code.ShouldBe("store_unrotated");
        (await System.IO.File.ReadAllTextAsync(AuditFile.Older(File, 2))).ShouldBe("older");
    }

    private AuditLog Open(Func<string, string>? redact = null, long rotateAt = AuditLog.RotateAt) => new(File, rotateAt, redact ?? (t => t), _time, _logger);

    private string[] Lines() => System.IO.File.ReadAllLines(File);

    private static string Event(string line) => JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()!;

    private static long Number(string line) => JsonDocument.Parse(line).RootElement.GetProperty("n").GetInt64();

    private sealed class CountingLogger : ILogger
    {
        private int _count;

        public int Count => _count;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Interlocked.Increment(ref _count);
    }
}
