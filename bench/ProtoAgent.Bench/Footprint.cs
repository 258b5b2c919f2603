namespace ProtoAgent.Bench;

/// <summary>Start-up and footprint of the native program beside the floor.</summary>
internal static class Footprint
{
    public static async Task RunAsync(string program, string floor)
    {
        const int Starts = 41;
        const int Copies = 20;
        const int Turns = 1000;
        const int StoredThreads = 2000;
        var idle = TimeSpan.FromSeconds(30);
        var homes = Directory.CreateTempSubdirectory("protoagent-bench-").FullName;
        try
        {
            Table.Head("floor", "protoagent");

            // In turns, so that whatever else the machine does hits both.
            var (floorStarts, ourStarts) = (new List<double>(), new List<double>());
            for (var i = 0; i < Starts; i++)
            {
                using (var subject = Floor(0))
                {
                    floorStarts.Add(subject.FirstAnswer);
                }

                using (var subject = Ours($"start{i}", 0))
                {
                    ourStarts.Add(subject.FirstAnswer);
                }
            }

            Table.Row("start → first 200, median, ms", Table.At(floorStarts, 0.5), Table.At(ourStarts, 0.5));
            Table.Row("start → first 200, p90, ms", Table.At(floorStarts, 0.9), Table.At(ourStarts, 0.9));

            using (var one = Floor(0))
            using (var other = Ours("one", 0))
            {
                await SettledAsync();
                Table.Row("PSS, 1 copy, idle, MB", one.Memory(), other.Memory());
                var (floorBefore, ourBefore) = (one.WakeUps(), other.WakeUps());
                await Task.Delay(idle);
                Table.Row("wake-ups a minute, idle", (one.WakeUps() - floorBefore) * (60 / idle.TotalSeconds), (other.WakeUps() - ourBefore) * (60 / idle.TotalSeconds));
                await other.TurnsAsync(Turns, _ => "one");
                await SettledAsync();
                Table.Row($"PSS, 1 copy, after {Turns} turns on one thread, MB", one.Memory(), other.Memory());
            }

            var floors = Enumerable.Range(0, Copies).Select(Floor).ToList();
            await SettledAsync();
            var floorEach = floors.Average(s => s.Memory());
            floors.ForEach(s => s.Dispose());
            var ours = Enumerable.Range(0, Copies).Select(i => Ours("many", i)).ToList();
            await SettledAsync();
            Table.Row($"PSS, each of {Copies} copies, idle, MB", floorEach, ours.Average(s => s.Memory()));
            await Task.WhenAll(ours.Select(s => s.TurnsAsync(Turns, i => $"t{i % 50}")));
            await SettledAsync();
            Table.Row($"PSS, each of {Copies} copies, after {Turns} turns each, MB", floorEach, ours.Average(s => s.Memory()));
            ours.ForEach(s => s.Dispose());

            // The same instance with much stored: neither may grow.
            using (var filling = Ours("stored", 0))
            {
                await filling.TurnsAsync(StoredThreads, i => $"thread {i}");
            }

            var (stored, memory) = (new List<double>(), new List<double>());
            for (var i = 0; i < Starts; i++)
            {
                using var subject = Ours("stored", 0);
                stored.Add(subject.FirstAnswer);
                memory.Add(subject.Memory());
            }

            Table.Row($"start → first 200 with {StoredThreads} threads stored, median, ms", Table.At(floorStarts, 0.5), Table.At(stored, 0.5));
            Table.Row($"PSS just started with {StoredThreads} threads stored, 1 copy, MB", double.NaN, Table.At(memory, 0.5));
        }
        finally
        {
            Directory.Delete(homes, recursive: true);
        }

        Subject Floor(int copy) => Subject.Start(floor, port => [$"{port}"], homes, $"i{copy}");

        Subject Ours(string home, int copy) =>
            Subject.Start(program, port => ["serve", "--port", $"{port}"], Directory.CreateDirectory(Path.Combine(homes, home)).FullName, $"i{copy}");

        // What the collector and the kernel still do after a start is not what an idle copy costs.
        static Task SettledAsync() => Task.Delay(TimeSpan.FromSeconds(3));
    }
}
