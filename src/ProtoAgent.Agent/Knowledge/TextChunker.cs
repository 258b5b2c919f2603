using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Agent.Knowledge;

/// <summary>
/// A text in pieces that each can be understood and found by itself: cut between paragraphs, else sentences, else lines, else
/// words. Each begins with the end of the one before, so that what stands across a cut is whole in one of them.
/// </summary>
internal static class TextChunker
{
    /// <summary>The longest piece, in characters.</summary>
    public const int Longest = 1_200;

    private const int Overlap = 150;

    /// <summary>A last piece shorter than this is no piece of its own.</summary>
    private const int Shortest = 200;

    public static IReadOnlyList<string> Split(string text)
    {
        var pieces = new List<string>();
        var start = 0;
        text = text.Trim();
        while (start < text.Length)
        {
            var rest = text.Length - start;
            var end = rest <= Longest || rest <= Longest + Shortest - Overlap ? text.Length : start + Cut(text.AsSpan(start, Longest));
            var piece = text[start..end].Trim();
            if (piece.Length > 0)
            {
                pieces.Add(piece);
            }

            start = end == text.Length ? end : Math.Max(start + 1, Back(text, start, end));
        }

        return pieces;
    }

    /// <summary>Where a stretch that is too long is best cut, in its second half.</summary>
    private static int Cut(ReadOnlySpan<char> stretch)
    {
        var half = stretch.Length / 2;
        var behind = stretch[half..];
        foreach (var (border, length) in (ReadOnlySpan<(string, int)>)[("\n\n", 2)])
        {
            if (behind.LastIndexOf(border) is >= 0 and var at)
            {
                return half + at + length;
            }
        }

        for (var i = stretch.Length - 2; i >= half; i--)
        {
            if (stretch[i] is '。' or '！' or '？' || (stretch[i] is '.' or '!' or '?' or '…' && char.IsWhiteSpace(stretch[i + 1])))
            {
                return i + 1;
            }
        }

        return behind.LastIndexOf('\n') is >= 0 and var line ? half + line + 1
            : behind.LastIndexOf(' ') is >= 0 and var word ? half + word + 1
            : SafeCut.Before(stretch, stretch.Length - 1);
    }

    /// <summary>Where the next piece begins: some way back from the cut, at the beginning of a word.</summary>
    private static int Back(string text, int start, int end)
    {
        var from = Math.Max(start + 1, end - Overlap);
        var space = text.AsSpan(from, end - from).IndexOfAny(' ', '\n');
        return space >= 0 ? from + space + 1 : SafeCut.Before(text, from);
    }
}
