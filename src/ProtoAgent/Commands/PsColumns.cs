using System.Globalization;
using Spectre.Console.Rendering;

namespace ProtoAgent.Commands;

/// <summary>How a table of instances fits the terminal: numbers are shown whole, names and warnings share the rest.</summary>
internal static class PsColumns
{
    public const int Gap = 1;

    private const int Least = 4;

    /// <summary>INSTANCE, AGENT and WARNINGS.</summary>
    private static readonly int[] s_shared = [0, 1, 7];

    /// <param name="rows">With the header.</param>
    public static int[] Widths(IReadOnlyList<string[]> rows, int width)
    {
        var widths = Enumerable.Range(0, PsCommand.Header.Length).Select(c => rows.Max(r => Cells(r[c]))).ToArray();
        var left = width - (Gap * widths.Length) - widths.Where((_, c) => !s_shared.Contains(c)).Sum();

        // Whoever needs little leaves the rest to the others.
        var waiting = s_shared.Length;
        foreach (var column in s_shared.OrderBy(c => widths[c]))
        {
            widths[column] = Math.Max(Least, Math.Min(widths[column], left / waiting--));
            left -= widths[column];
        }

        return widths;
    }

    public static string Cut(string text, int width)
    {
        var line = text.ReplaceLineEndings(" ").Replace('\t', ' ');
        if (Cells(line) <= width)
        {
            return line;
        }

        // Never in the midst of what is one character to a person.
        var elements = StringInfo.ParseCombiningCharacters(line);
        var last = Array.FindLastIndex(elements, at => Cells(line[..at]) < width);
        return line[..elements[Math.Max(0, last)]] + "…";
    }

    private static int Cells(string text) => new Segment(text).CellCount();
}
