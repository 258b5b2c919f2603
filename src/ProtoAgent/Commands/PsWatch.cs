using System.Runtime.InteropServices;
using System.Text.Json;
using ProtoAgent.Instances.Ownership;
using Spectre.Console;

namespace ProtoAgent.Commands;

/// <summary>
/// <c>protoagent ps --watch</c>: on a terminal a table that stays right; else a line for each instance that comes, goes or changes, for
/// whoever reads along.
/// </summary>
internal static class PsWatch
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(Func<PsCommand.Row[]> look, bool json, CancellationToken cancelled)
    {
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            interrupted.Cancel();
        });
        try
        {
            await (json || Console.IsOutputRedirected ? TellAsync(look, json, interrupted.Token) : ShowAsync(look, interrupted.Token));
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how it ends.
        }
    }

    private static async Task TellAsync(Func<PsCommand.Row[]> look, bool json, CancellationToken cancelled)
    {
        var known = new Dictionary<string, PsCommand.Row>(StringComparer.Ordinal);
        using var timer = new PeriodicTimer(s_every);
        do
        {
            var now = look().ToDictionary(Key, StringComparer.Ordinal);
            foreach (var (key, row) in now.Where(n => !known.TryGetValue(n.Key, out var was) || was.Scheduler != n.Value.Scheduler || !was.Warnings.SequenceEqual(n.Value.Warnings)))
            {
                Say(known.ContainsKey(key) ? "changed" : "live", row, json);
            }

            foreach (var (_, row) in known.Where(k => !now.ContainsKey(k.Key)))
            {
                Say("gone", row, json);
            }

            known = now;
        }
        while (!OutputPipe.IsClosed() && await timer.WaitForNextTickAsync(cancelled) && !OutputPipe.IsClosed());
    }

    private static void Say(string what, PsCommand.Row row, bool json)
    {
        Console.Out.WriteLine(json
            ? JsonSerializer.Serialize(new Change(what, row), CommandJson.Lines.Change)
            : $"{what}  {row.Instance ?? "(unscoped)"}  {row.AgentName}  pid {row.Pid}  port {row.Port}  scheduler {row.Scheduler}{(row.Warnings.Count == 0 ? "" : $"  warnings {string.Join(", ", row.Warnings)}")}");
        Console.Out.Flush();
    }

    private static async Task ShowAsync(Func<PsCommand.Row[]> look, CancellationToken cancelled)
    {
        using var timer = new PeriodicTimer(s_every);
        var screen = Terminal.Canvas(Terminal.Out);
        await screen.Live(Drawn(look(), screen.Profile.Width)).AutoClear(false).StartAsync(async live =>
        {
            do
            {
                live.UpdateTarget(Drawn(look(), screen.Profile.Width));
            }
            while (await timer.WaitForNextTickAsync(cancelled));
        });
    }

    internal static Table Drawn(PsCommand.Row[] rows, int width)
    {
        var cells = rows.Select(row => PsCommand.Cells(row).Select(Terminal.Clean).ToArray()).ToList();
        var widths = PsColumns.Widths([PsCommand.Header, .. cells], width);
        var table = new Table().Border(TableBorder.None).Caption("Ctrl-C ends");
        foreach (var (header, its) in PsCommand.Header.Zip(widths))
        {
            table.AddColumn(new TableColumn(PsColumns.Cut(header, its)).NoWrap().Width(its).Padding(0, 0, PsColumns.Gap, 0));
        }

        foreach (var row in cells)
        {
            table.AddRow([.. row.Zip(widths, (cell, its) => new Text(PsColumns.Cut(cell, its)))]);
        }

        return rows.Length == 0 ? table.Caption("No live instance. Ctrl-C ends") : table;
    }

    private static string Key(PsCommand.Row row) => $"{row.HostName}/{row.Pid}/{row.StartedAt.Ticks}";

    /// <param name="What"><c>live</c>, <c>changed</c> or <c>gone</c>.</param>
    internal sealed record Change(string What, PsCommand.Row Instance);
}
