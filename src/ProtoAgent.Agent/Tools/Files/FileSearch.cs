using System.Text;
using System.Text.RegularExpressions;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>One search, bounded in matches and time.</summary>
internal sealed class FileSearch(Workspace workspace, TimeProvider clock)
{
    private const int LongestLine = 300;

    /// <summary>For all of it. What was found by then is answered.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly StringBuilder _found = new();
    private readonly long _started = clock.GetTimestamp();
    private int _matches;
    private int _searched;
    private int _skipped;

    public required Regex Pattern { get; init; }

    /// <summary>Null for all.</summary>
    public Regex? Files { get; init; }

    public required int Limit { get; init; }

    private bool IsFull => _matches > Limit;

    private bool IsLate => clock.GetElapsedTime(_started) > Patience;

    public string Run(string path, CancellationToken cancellationToken)
    {
        using (var folder = workspace.OpenFolder(path))
        {
            if (folder is null)
            {
                Search(path, TextContent.Of(workspace.Read(path), path).Text);
            }
            else
            {
                SearchBelow(folder, cancellationToken);
            }
        }

        var note = IsFull ? $"[There is more: only the first {Limit:N0} lines are answered. Narrow the pattern, path or glob, or raise limit.]"
            : IsLate ? $"[Stopped after {Patience.TotalSeconds:N0} seconds and {_searched:N0} files. Narrow path or glob.]"
            : $"[{_matches:N0} {(_matches == 1 ? "line" : "lines")} in {_searched:N0} {(_searched == 1 ? "file" : "files")} searched"
                + (_skipped > 0 ? $"; {_skipped:N0} not: binary, not readable, or over {Workspace.LongestFile / 1024 / 1024} MB]" : "]");
        return _found.Append(note).ToString();
    }

    private void SearchBelow(WorkspaceFolder folder, CancellationToken cancellationToken)
    {
        foreach (var (entry, _) in FolderWalk.Of(folder, recursive: true))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsFull || IsLate)
            {
                return;
            }

            var below = folder.Path.Length == 0 ? entry.Path : entry.Path[(folder.Path.Length + 1)..];
            if (entry.Stat.Kind != FileKind.File || Files?.IsMatch(below) == false)
            {
                continue;
            }

            try
            {
                if (TextContent.Decode(workspace.Read(entry.Path)) is { } content)
                {
                    Search(entry.Path, content.Text);
                    continue;
                }
            }
            catch (ToolException)
            {
                // Gone meanwhile, a hard link, too big: one file is no reason to leave out the others. It is counted.
            }

            _skipped++;
        }
    }

    private void Search(string path, string content)
    {
        _searched++;
        var number = 0;
        var body = TextContent.Body(content);
        foreach (var range in body.Split('\n'))
        {
            number++;
            var line = body[range].TrimEnd('\r');
            try
            {
                foreach (var match in Pattern.EnumerateMatches(line))
                {
                    if (++_matches > Limit)
                    {
                        return;
                    }

                    Add(path, number, line, match.Index);
                    break;
                }
            }
            catch (RegexMatchTimeoutException e)
            {
                throw new ToolException($"The pattern took more than {SearchPattern.Patience.TotalSeconds} seconds on line {number} of '{Refusal.Shown(path)}'. Write it simpler.", e);
            }
        }
    }

    /// <summary>A long line is shown around its match.</summary>
    private void Add(string path, int number, ReadOnlySpan<char> line, int match)
    {
        var from = line.Length <= LongestLine ? 0 : SafeCut.Before(line, Math.Clamp(match - (LongestLine / 3), 0, line.Length - LongestLine));
        var to = SafeCut.Before(line, Math.Min(line.Length, from + LongestLine));
        _found.Append(Refusal.OneLine(path)).Append(':').Append(number).Append(": ")
            .Append(from > 0 ? "…" : "").Append(line[from..to]).Append(to < line.Length ? "…" : "").Append('\n');
    }
}
