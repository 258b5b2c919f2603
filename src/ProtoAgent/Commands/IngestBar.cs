using System.Runtime.InteropServices;
using Spectre.Console;

namespace ProtoAgent.Commands;

/// <summary>How far an ingest is: a bar where a person looks on, a line for each document that can't be read where nobody does.</summary>
internal sealed class IngestBar : IDisposable
{
    private const int LongestName = 40;

    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _drawing = Task.CompletedTask;
    private readonly ProgressTask? _bar;
    private readonly PosixSignalRegistration[] _ends = [];
    private readonly List<string> _complaints = [];
    private int _done;

    private IngestBar(int count, bool drawn)
    {
        if (!drawn)
        {
            return;
        }

        // On stderr: stdout is for the outcome.
        var console = Terminal.Canvas(Terminal.Error);

        // The bar hides the cursor; who ends the command gets it back.
        _ends = [.. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM]).Select(s => PosixSignalRegistration.Create(s, _ => ShowCursor()))];
        var begun = new TaskCompletionSource<ProgressTask?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _drawing = DrawAsync();
        _bar = begun.Task.GetAwaiter().GetResult();

        async Task DrawAsync()
        {
            try
            {
                await console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async context =>
                {
                    begun.SetResult(context.AddTask("…", maxValue: count));
                    await _over.Task;
                });
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or ArgumentException)
            {
                // A terminal the bar can't be drawn on is no reason not to take documents in.
                begun.TrySetResult(null);
            }
        }
    }

    public static IngestBar Start(int count, bool quiet) => new(count, drawn: !quiet && count > 0 && !Console.IsErrorRedirected);

    public void Begin(string item)
    {
        if (_bar is not null)
        {
            var name = Terminal.Clean(Path.GetFileName(item.TrimEnd('/')));
            _bar.Description = Markup.Escape(name.Length <= LongestName ? name : name[..LongestName] + "…");
        }
    }

    /// <summary>Pieces done of the document in work.</summary>
    public void Within(int? pieces, int? all)
    {
        if (_bar is not null && all is > 0)
        {
            _bar.Value = _done + ((double)(pieces ?? 0) / all.Value);
        }
    }

    public void End(string item, string? error)
    {
        _done++;
        if (_bar is not null)
        {
            _bar.Value = _done;
        }

        if (error is not null)
        {
            _complaints.Add($"protoagent: {item}: {error}");
        }
    }

    public void Dispose()
    {
        _over.TrySetResult();
        _drawing.GetAwaiter().GetResult();
        Array.ForEach(_ends, e => e.Dispose());
        _complaints.ForEach(Console.Error.WriteLine);
    }

    private static void ShowCursor()
    {
        Terminal.Error.Write("\u001b[?25h\n");
        Terminal.Error.Flush();
    }
}
