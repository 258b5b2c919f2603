namespace ProtoAgent.Agent.Tools.Files;

/// <summary>One piece of a text to be replaced by another. In a text whose lines end in CR LF, so do those of both pieces.</summary>
internal sealed class TextEdit
{
    private const int MostNamed = 10;
    private const int MostCompared = 50_000;
    private const int LongestShown = 200;
    private const double Alike = 0.5;

    private readonly string _text;
    private readonly string _old;
    private readonly string _new;

    public TextEdit(TextContent content, string oldText, string newText)
    {
        _text = content.Text;
        _old = content.IsCrLf ? WithCrLf(oldText) : oldText;
        _new = content.IsCrLf ? WithCrLf(newText) : newText;
    }

    /// <returns>The number of the line each match begins on.</returns>
    /// <exception cref="ToolException">There is none, or more than the one wanted.</exception>
    public List<int> Matches(string path, bool many)
    {
        var lines = new List<int>();
        var line = 1;
        var from = 0;
        for (int at; (at = _text.IndexOf(_old, from, StringComparison.Ordinal)) >= 0; from = at + _old.Length)
        {
            line += _text.AsSpan(from, at - from).Count('\n');
            lines.Add(line);
            line += _old.AsSpan().Count('\n');
        }

        return lines.Count switch
        {
            0 => throw new ToolException($"old_text is not in '{Refusal.Shown(path)}'; it must match exactly, with spaces and line breaks.{Nearest()}"),
            > 1 when !many => throw new ToolException(
                $"old_text is {lines.Count} times in '{Refusal.Shown(path)}', at {Named(lines)}. Give more of the text around it so that it is there once, or set replace_all."),
            _ => lines,
        };
    }

    public string Apply() => _text.Replace(_old, _new, StringComparison.Ordinal);

    public static string Named(List<int> lines) =>
        $"lines {string.Join(", ", lines.Take(MostNamed))}{(lines.Count > MostNamed ? ", …" : "")}";

    private static string WithCrLf(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);

    /// <summary>The line most like the first of old_text that says anything: a hint is often one space away.</summary>
    private string Nearest()
    {
        var wanted = _old.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0) ?? "";
        var similarity = new Similarity(wanted);
        var (best, bestLine, number) = (Alike, 0, 0);
        var nearest = "";
        foreach (var range in _text.AsSpan().Split('\n'))
        {
            if (++number > MostCompared)
            {
                break;
            }

            var line = _text.AsSpan()[range].Trim();
            var alike = line.SequenceEqual(wanted) && line.Length > 0 ? 2 : similarity.To(line);
            if (alike > best)
            {
                (best, bestLine, nearest) = (alike, number, _text[range].TrimEnd('\r'));
            }
        }

        return bestLine == 0
            ? " No line is like it. Read the file again with read_file."
            : $" The nearest line is {bestLine}: '{nearest[..SafeCut.Before(nearest, Math.Min(nearest.Length, LongestShown))]}'. Read the file around it, and copy the text from there.";
    }
}
