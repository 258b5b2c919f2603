using System.Collections.Concurrent;
using System.Diagnostics;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>A turn of three rounds with two tools, killed at every place there is, ends in the same thread with the same effects.</summary>
public sealed class CrashMatrixTests
{
    private const int Killed = 128 + 9;

    [Fact]
    public async Task KilledAtEveryPoint_TheNextLifeEndsTheSame()
    {
        using var whole = new Home();
        var undisturbed = await whole.LiveAsync();
        undisturbed.ExitCode.ShouldBe(0, undisturbed.Said);
        undisturbed.Steps.Count.ShouldBe(1 + 2 * 6 + 1 + 1, undisturbed.Said);
        undisturbed.Steps[^1].ShouldBe("turn done");
        whole.Effects.ShouldBe(["again 1", "once 1", "again 2", "once 2"]);

        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            Enumerable.Range(1, undisturbed.Points.Count),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (point, _) =>
            {
                if (await TryAsync(point, undisturbed) is { } problem)
                {
                    wrong.Enqueue($"killed {undisturbed.Points[point - 1]} ({point}): {problem}");
                }
            });
        wrong.ShouldBeEmpty();
        undisturbed.Points.Count.ShouldBeGreaterThan(35, "a matrix without points proves nothing");
    }

    [Fact]
    public async Task KilledTwice_TheThirdLifeEndsTheSame()
    {
        using var home = new Home();
        (await home.LiveAsync(dieAt: 12)).ExitCode.ShouldBe(Killed);
        (await home.LiveAsync(dieAt: 9)).ExitCode.ShouldBe(Killed);
        var last = await home.LiveAsync();
        last.Steps[^1].ShouldBe("turn done", last.Said);
        home.Effects.Distinct().Count().ShouldBe(home.Effects.Count);
    }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    private static async Task<string?> TryAsync(int point, Life undisturbed)
    {
        using var home = new Home();
        var first = await home.LiveAsync(point);
        if (first.ExitCode != Killed)
        {
            return $"it was not: exit {first.ExitCode}\n{first.Said}";
        }

        var second = await home.LiveAsync();
        var steps = undisturbed.Steps.ToList();
        var effects = new List<string> { "again 1", "once 1", "again 2", "once 2" };
        if (Uncertain(undisturbed.Points, point) is { } round)
        {
            // A call that may not be repeated had begun: nobody knows what became of it, and the model is told so.
            steps[steps.FindIndex(s => s.StartsWith($"step tool_result once{round} ", StringComparison.Ordinal))] = $"step tool_result once{round} unknown";
            if (Before(undisturbed.Points, point, round))
            {
                effects.Remove($"once {round}");
            }
        }

        var told = second.Steps.Select(s => s.StartsWith("step tool_result once", StringComparison.Ordinal) && s.Contains(" unknown ") ? string.Join(' ', s.Split(' ')[..4]) : s).ToList();
        return !told.SequenceEqual(steps) ? $"another thread:\n{second.Said}"
            : !home.Effects.SequenceEqual(effects) ? $"other effects: {string.Join(", ", home.Effects)}"
            : null;
    }

    /// <summary>The round whose call of <c>once</c> was between its mark and its result; null if none was.</summary>
    private static int? Uncertain(IReadOnlyList<string> points, int point)
    {
        var reached = points.Take(point).ToList();
        var begun = reached.Count(p => p == "after append ToolStart");
        var lastBegun = reached.LastIndexOf("after append ToolStart");
        return begun > 0 && !reached.Skip(lastBegun).Contains("after append ToolResult") ? begun : null;
    }

    private static bool Before(IReadOnlyList<string> points, int point, int round) =>
        points.Take(point).Count(p => p == "after the effect of once") < round;

    private sealed class Home : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("protoagent-crash-").FullName;

        /// <summary>Tool and round of each, in the order they happened.</summary>
        public IReadOnlyList<string> Effects => File.Exists(File_) ? [.. File.ReadLines(File_).Select(l => string.Join(' ', l.Split(' ')[..2]))] : [];

        private string File_ => Path.Combine(_path, "effects");

        public async Task<Life> LiveAsync(int dieAt = 0)
        {
            var start = new ProcessStartInfo(ProgramUnderTest.CrashHost, [_path, $"{dieAt}"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["HOME"] = _path;
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var said = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Limits.Patience);
            var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return new Life(
                process.ExitCode,
                [.. lines.Where(l => l.StartsWith("point ", StringComparison.Ordinal)).Select(l => l.Split(' ', 3)[2])],
                [.. lines.Where(l => l.StartsWith("step ", StringComparison.Ordinal) || l.StartsWith("turn ", StringComparison.Ordinal))],
                said + await error);
        }

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }

    private sealed record Life(int ExitCode, IReadOnlyList<string> Points, IReadOnlyList<string> Steps, string Said);
}
