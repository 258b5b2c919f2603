using System.CommandLine;
using System.Text.Json;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Commands;

/// <summary><c>protoagent ps</c>: the live instances of this box.</summary>
internal static class PsCommand
{
    internal static string[] Header { get; } = ["INSTANCE", "AGENT", "PID", "PORT", "UPTIME", "MEMORY", "SCHEDULER", "WARNINGS"];

    public static Command Create()
    {
        var watch = new Option<bool>("--watch", "-w") { Description = "Stay, and show what changes; a line a change where nobody looks." };
        var command = new Command("ps", "List the live instances that share this data home: a process is live while the kernel holds its lock.") { watch };
        command.SetAction(async (parsed, cancellation) =>
        {
            // Only the data home matters here: a broken config.yaml must not hide who is running.
            var home = CommandLine.Sources(parsed).DataHome();
            if (parsed.GetValue(watch))
            {
                await PsWatch.RunAsync(Look, CommandLine.Json(parsed), cancellation);
                return;
            }

            var rows = Look();
            if (CommandLine.Json(parsed))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(rows, CommandJson.Default.RowArray));
                return;
            }

            if (rows.Length == 0)
            {
                Console.Out.WriteLine($"No live instance in {home.Path} ({home.Reason}).");
                return;
            }

            TextTable.Write(Console.Out, Header, rows.Select(Cells));

            Row[] Look()
            {
                var live = new InstanceRegistry(InstancePaths.RegistryOf(home)).Live();
                return [.. live.Select(r => Row.Of(r, r.WarningsAmong(live), TimeProvider.System.GetUtcNow()))];
            }
        });
        return command;
    }

    internal static string[] Cells(Row r) =>
    [
        r.Instance ?? "(unscoped)", r.AgentName, $"{r.Pid}", $"{r.Port}", Uptime(r.UptimeSeconds),
        r.MemoryBytes is { } bytes ? $"{bytes / 1024.0 / 1024.0:0.0} MB" : "-", r.Scheduler, r.Warnings.Count == 0 ? "-" : string.Join(", ", r.Warnings),
    ];

    private static string Uptime(long seconds)
    {
        var span = TimeSpan.FromSeconds(seconds);
        return span.TotalDays >= 1 ? $"{span.Days}d {span.Hours}h" : span.TotalHours >= 1 ? $"{span.Hours}h {span.Minutes}m"
            : span.TotalMinutes >= 1 ? $"{span.Minutes}m {span.Seconds}s" : $"{span.Seconds}s";
    }

    /// <param name="Warnings">Codes.</param>
    /// <param name="MemoryBytes">Proportional set size; null where the process can't be looked at (another container).</param>
    internal sealed record Row(
        string? Instance, string AgentName, int Pid, string HostName, string Url, int Port, DateTimeOffset StartedAt, long UptimeSeconds,
        long? MemoryBytes, string Scheduler, IReadOnlyList<string> Warnings, string Version, string Root)
    {
        public static Row Of(InstanceRecord r, IReadOnlyList<string> warnings, DateTimeOffset now) => new(
            r.Instance, r.AgentName, r.Pid, r.HostName, r.Url, r.Port, r.StartedAt, (long)(now - r.StartedAt).TotalSeconds,
            ProcessMemory.Of(r), r.Scheduler, warnings, r.Version, r.Root);
    }
}
