using System.ComponentModel;
using System.Text;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary><c>read_file</c>. Answers no more than the model is shown anyway, and says how to go on: what it reads is never cut again.</summary>
internal sealed class ReadFileTool(Workspace workspace, ToolOptions options) : TypedTool<ReadFileTool.Arguments>(
    "read_file",
    "Reads a text file of the workspace. Each line is shown behind its number and a tab, neither of which is in the file. "
    + "A long file comes in parts; the last line of the answer then says how to call again for the next.",
    FileToolJson.Default.ReadFile)
{
    /// <summary>Room for the note on how to go on.</summary>
    private const int NoteLength = 200;

    private const int DefaultLines = 2_000;

    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel | ToolTraits.External;

    protected override Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var path = workspace.Parse(arguments.Path);
        var first = Limits.Check("offset", arguments.Offset, 1);
        var most = Limits.Check("limit", arguments.Limit, DefaultLines);
        var column = Limits.Check("column", arguments.Column, 1);
        var content = TextContent.Of(workspace.Read(path), path).Text;
        return Task.FromResult(new ToolResult(content.Length == 0 ? $"'{path}' is empty." : Part(content, path, first, column, most)));
    }

    private string Part(string content, string path, int first, int column, int most)
    {
        var body = TextContent.Body(content);
        var text = new StringBuilder();
        var number = 0;
        foreach (var range in body.Split('\n'))
        {
            if (++number < first)
            {
                continue;
            }

            var line = body[range].TrimEnd('\r');
            var prefix = $"{number,6}\t";
            var from = number == first ? SafeCut.Before(line, Math.Min(column - 1, line.Length)) : 0;
            var room = options.LongestResult - NoteLength - text.Length - prefix.Length - 1;
            var fits = line.Length - from <= room;
            if (number - first == most || (!fits && text.Length > 0))
            {
                return text.Append($"[Lines {first} to {number - 1} of {body.Count('\n') + 1}. For the next, call again with offset {number}.]").ToString();
            }

            var to = fits ? line.Length : SafeCut.Before(line, from + room);
            text.Append(prefix).Append(line[from..to]).Append('\n');
            if (!fits)
            {
                return text.Append($"[Line {number} goes on: it has {line.Length} characters. For the next, call again with offset {number} and column {to + 1}.]").ToString();
            }
        }

        return number < first
            ? throw new ToolException($"'{Refusal.Shown(path)}' has {number} {(number == 1 ? "line" : "lines")}; offset {first} is behind its end.")
            : text.ToString(0, text.Length - 1);
    }

    internal sealed record Arguments
    {
        [Description("The file, relative to the workspace.")]
        public required string Path { get; init; }

        [Description("The number of the first line to read, from 1. Default 1.")]
        public int? Offset { get; init; }

        [Description("The most lines to read. Default 2000.")]
        public int? Limit { get; init; }

        [Description("The character of the first line to begin at, from 1: for lines too long for one answer. Default 1.")]
        public int? Column { get; init; }
    }
}
