using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ProtoAgent.Commands;

/// <summary>
/// Markdown for a terminal, as it comes: a line is shown as it is written, and drawn anew with its forms when it is whole. What a
/// model says can't steer the terminal: control characters are left out.
/// </summary>
internal sealed class TerminalMarkdown(TextWriter output, Func<int> width)
{
    private static readonly Style s_code = new(Color.Grey70);
    private static readonly Style s_head = new(decoration: Decoration.Bold | Decoration.Underline);
    private static readonly Style s_quote = new(Color.Grey, decoration: Decoration.Italic);
    private static readonly Style s_bullet = new(Color.Grey);

    private readonly StringBuilder _line = new();
    private bool _code;

    /// <summary>A piece of the text.</summary>
    public void Write(string piece)
    {
        foreach (var part in Terminal.Clean(piece).Replace("\t", "    ", StringComparison.Ordinal).Split('\n') is var parts ? parts.Select((p, i) => (Text: p, Ends: i < parts.Length - 1)) : [])
        {
            _line.Append(part.Text);
            output.Write(part.Text);
            if (part.Ends)
            {
                EndLine();
            }
        }

        output.Flush();
    }

    /// <summary>The text is whole.</summary>
    public void End()
    {
        if (_line.Length > 0)
        {
            EndLine();
        }

        _code = false;
        output.Flush();
    }

    private void EndLine()
    {
        var line = _line.ToString();
        _line.Clear();

        // Back over what it took of the screen, and away with it.
        var rows = Math.Max(1, (Cells(line) + width() - 1) / width());
        output.Write(rows > 1 ? $"\r\u001b[{rows - 1}A\u001b[J" : "\r\u001b[J");
        foreach (var (text, style) in Formed(line))
        {
            output.Write(style is { } its ? $"{Codes(its)}{text}\u001b[0m" : text);
        }

        output.WriteLine();
    }

    private IEnumerable<(string Text, Style? Style)> Formed(string line)
    {
        var bare = line.TrimStart();
        if (bare.StartsWith("```", StringComparison.Ordinal))
        {
            _code = !_code;
            return [(_code ? $"── {bare[3..].Trim()} " : "──", s_bullet)];
        }

        if (_code)
        {
            return [("  " + line, s_code)];
        }

        var indent = line[..(line.Length - bare.Length)];
        var hashes = bare.TakeWhile(c => c == '#').Count();
        return hashes is > 0 and <= 6 && bare.Length > hashes && bare[hashes] == ' ' ? [(bare[(hashes + 1)..], s_head)]
            : bare is ['-' or '*' or '+', ' ', ..] ? [(indent + "• ", s_bullet), .. Inline(bare[2..])]
            : bare.StartsWith("> ", StringComparison.Ordinal) ? [(indent + "│ " + bare[2..], s_quote)]
            : bare is "---" or "***" ? [("────────", s_bullet)]
            : [(indent, null), .. Inline(bare)];
    }

    /// <summary>Bold, italics and code within a line; what has no end stays as it was written.</summary>
    private static IEnumerable<(string Text, Style? Style)> Inline(string text)
    {
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (Mark(text, i) is not var (mark, style) || text.IndexOf(mark, i + mark.Length, StringComparison.Ordinal) is not (> 0 and var end) || end == i + mark.Length)
            {
                plain.Append(text[i++]);
                continue;
            }

            if (plain.Length > 0)
            {
                yield return (plain.ToString(), null);
                plain.Clear();
            }

            yield return (text[(i + mark.Length)..end], style);
            i = end + mark.Length;
        }

        if (plain.Length > 0)
        {
            yield return (plain.ToString(), null);
        }
    }

    private static (string Mark, Style Style)? Mark(string text, int at) => text[at] switch
    {
        '`' => ("`", s_code),
        '*' when at + 1 < text.Length && text[at + 1] == '*' => ("**", new Style(decoration: Decoration.Bold)),
        '*' when at + 1 < text.Length && text[at + 1] != ' ' => ("*", new Style(decoration: Decoration.Italic)),
        _ => null,
    };

    private static string Codes(Style style)
    {
        var codes = new List<string>();
        foreach (var (decoration, code) in ((Decoration, string)[])[(Decoration.Bold, "1"), (Decoration.Italic, "3"), (Decoration.Underline, "4")])
        {
            if (style.Decoration.HasFlag(decoration))
            {
                codes.Add(code);
            }
        }

        if (style.Foreground != Color.Default)
        {
            codes.Add($"38;2;{style.Foreground.R};{style.Foreground.G};{style.Foreground.B}");
        }

        return $"\u001b[{string.Join(';', codes)}m";
    }

    private static int Cells(string line) => new Segment(line).CellCount();
}
