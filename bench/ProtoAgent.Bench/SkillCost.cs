using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ProtoAgent.Bench;

/// <summary>What a thousand skill folders cost at a start, as the instance itself says it, beside only reading the files, or only asking the kernel for them.</summary>
internal static partial class SkillCost
{
    private const int Folders = 1000;
    private const int Starts = 11;

    /// <summary>A file is trusted unread from two seconds after its last change.</summary>
    private static readonly TimeSpan s_trusted = TimeSpan.FromSeconds(2.5);

    public static async Task RunAsync(string program)
    {
        var homes = Directory.CreateTempSubdirectory("protoagent-bench-").FullName;
        try
        {
            Console.WriteLine($"\n{Folders} skill folders, from the index being opened to the skills being there; median of {Starts} starts.\n");
            Table.Head("limit", "protoagent");
            var (reads, first, stats, unchanged) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (var i = 0; i < Starts; i++)
            {
                var home = Path.Combine(homes, $"h{i}");
                var skills = Path.Combine(home, ".protoagent", "bench", "skills");
                Fill(skills);
                await Task.Delay(s_trusted);
                reads.Add(Time(skills, f => File.ReadAllBytes(f)));
                first.Add(await StartAsync(program, home));
                stats.Add(Time(skills, f => File.GetLastWriteTimeUtc(f)));
                unchanged.Add(await StartAsync(program, home));
            }

            Table.Row("first start, ms (limit: reading the files)", Table.At(reads, 0.5), Table.At(first, 0.5));
            Table.Row("unchanged, ms (limit: listing them, and the time of each)", Table.At(stats, 0.5), Table.At(unchanged, 0.5));
        }
        finally
        {
            Directory.Delete(homes, recursive: true);
        }
    }

    private static void Fill(string skills)
    {
        for (var i = 0; i < Folders; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(skills, $"skill-{i:0000}")).FullName;
            File.WriteAllText(
                Path.Combine(folder, "SKILL.md"),
                $"---\nname: skill-{i:0000}\ndescription: Does the thing number {i} from the list to the report. Use it when asked for thing {i}.\ntools: [read_file, write_file]\nuser_facing: {(i % 2 == 0 ? "true" : "false")}\n---\n\n"
                + string.Concat(Enumerable.Repeat("Look at what is there, write down what follows, and check it.\n", 40)));
        }
    }

    private static double Time<T>(string skills, Func<string, T> each)
    {
        var clock = Stopwatch.StartNew();
        foreach (var folder in Directory.EnumerateDirectories(skills))
        {
            each(Path.Combine(folder, "SKILL.md"));
        }

        return clock.Elapsed.TotalMilliseconds;
    }

    private static async Task<double> StartAsync(string program, string home)
    {
        var said = new TaskCompletionSource<double>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subject = Subject.Start(program, port => ["serve", "--port", $"{port}"], home, "bench", heard: line =>
        {
            if (line is not null && Found().Match(line) is { Success: true } found)
            {
                said.TrySetResult(double.Parse(found.Groups["ms"].ValueSpan, CultureInfo.InvariantCulture));
            }
        });
        var took = await said.Task.WaitAsync(TimeSpan.FromSeconds(30));

        // What was read is kept behind the answer; a start that is killed before would have to read again.
        await subject.StopAsync();
        return took;
    }

    [GeneratedRegex(@"event=skills .* milliseconds=(?<ms>[\d.]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Found();
}
