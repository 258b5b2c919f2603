using System.Globalization;
using System.Text;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Agent.Memory;

/// <summary>A text on one line: no line of it can pass for one of ours, nothing in it is invisible.</summary>
internal static class OneLine
{
    private const int Joiner = 0x200D;

    public static string Of(string text, int longest)
    {
        var line = new StringBuilder(Math.Min(text.Length, longest + 1));
        var blank = false;
        Span<char> pair = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (Rune.IsWhiteSpace(rune) || category is UnicodeCategory.Control)
            {
                blank = line.Length > 0;
            }
            else if (category is not UnicodeCategory.Format || rune.Value == Joiner)
            {
                if (blank)
                {
                    line.Append(' ');
                }

                line.Append(pair[..rune.EncodeToUtf16(pair)]);
                blank = false;
                if (line.Length > longest)
                {
                    var cut = line.ToString();
                    return cut[..SafeCut.Before(cut, Math.Max(0, longest - 1))] + "…";
                }
            }
        }

        return line.ToString();
    }
}
