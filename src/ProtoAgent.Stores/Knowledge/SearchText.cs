using System.Buffers;
using System.Globalization;
using System.Text;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>
/// A text as the index knows it: words in lower case, one blank between them, an English plural without its s. Scripts that
/// write no blanks between words (Chinese, Japanese, Korean, Thai, …) become pairs of neighbouring characters, so that a
/// word inside a sentence is found; README.md has the measurement that decided it. An emoji is a word.
/// </summary>
internal static class SearchText
{
    /// <summary>No word is that long; what is (a base64 blob) is cut, and found by its beginning.</summary>
    internal const int LongestWord = 64;

    /// <summary>The tokens, separated by blanks, as they are indexed.</summary>
    public static string Index(string text)
    {
        var tokens = new StringBuilder(text.Length + (text.Length / 8));
        if (PlainWords.Are(text))
        {
            foreach (var word in new PlainWords(text, stackalloc char[LongestWord]))
            {
                tokens.Append(word).Append(' ');
            }

            return tokens.ToString();
        }

        foreach (var token in Tokens(text))
        {
            tokens.Append(token).Append(' ');
        }

        return tokens.ToString();
    }

    /// <summary>Each token where it stands.</summary>
    public static IEnumerable<string> Tokens(string text)
    {
        foreach (var run in Runs(text))
        {
            if (!run.IsDense)
            {
                yield return Singular(run.Text);
                continue;
            }

            foreach (var token in Tokens(run))
            {
                yield return token;
            }
        }
    }

    /// <summary>
    /// The tokens of one run. Of a dense one the pairs, and its last character: that begins no pair, and is looked for by itself
    /// as the beginning of one.
    /// </summary>
    public static IEnumerable<string> Tokens((string Text, bool IsDense) run) =>
        run.IsDense ? Pairs(run.Text).Append(char.IsLowSurrogate(run.Text[^1]) ? run.Text[^2..] : run.Text[^1..]) : [Singular(run.Text)];

    /// <summary>The different tokens: what two texts are compared by.</summary>
    public static HashSet<string> Set(string text) => new(Tokens(text), StringComparer.Ordinal);

    /// <summary>Pairs of neighbours; of one character alone nothing.</summary>
    public static IEnumerable<string> Pairs(string run)
    {
        var before = "";
        foreach (var rune in run.EnumerateRunes())
        {
            var now = rune.ToString();
            if (before.Length > 0)
            {
                yield return before + now;
            }

            before = now;
        }
    }

    /// <summary>An English plural's singular, after Harman's S-stemmer; "buses" and "this" stay what they are to both sides.</summary>
    public static string Singular(string word) => word.Length > 3 && word[^1] == 's' && Ascii.IsValid(word)
        ? word.EndsWith("ies", StringComparison.Ordinal) && word[^4] is not ('e' or 'a') ? word[..^3] + "y"
            : word[^2] is 'u' or 's' or 'i' ? word
            : word[..^1]
        : word;

    /// <summary>Words, and stretches of a script without blanks. In lower case.</summary>
    public static IEnumerable<(string Text, bool IsDense)> Runs(string text)
    {
        var run = new StringBuilder();
        var dense = false;
        for (var i = 0; i < text.Length;)
        {
            if (run.Length == 0 && AsciiWord(text, i) is > 0 and var letters)
            {
                yield return (string.Create(Math.Min(letters, LongestWord), (text, i), static (word, of) => Ascii.ToLower(of.text.AsSpan(of.i, word.Length), word, out _)), false);
                i += letters;
                continue;
            }

            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var length) != OperationStatus.Done)
            {
                rune = new Rune(' ');
            }

            i += length;
            var kind = KindOf(rune);
            var ends = kind is Kind.Space or Kind.Symbol || (kind == Kind.Dense) != dense;
            if (run.Length > 0 && ends && kind != Kind.Mark)
            {
                yield return (run.ToString(), dense);
                run.Clear();
            }

            if (kind == Kind.Symbol)
            {
                yield return (rune.ToString(), false);
            }
            else if (kind == Kind.Dense || (kind == Kind.Letter && run.Length < LongestWord) || (kind == Kind.Mark && run.Length > 0))
            {
                dense = kind == Kind.Mark ? dense : kind == Kind.Dense;
                run.Append(Rune.ToLowerInvariant(rune).ToString());
            }
        }

        if (run.Length > 0)
        {
            yield return (run.ToString(), dense);
        }
    }

    /// <summary>How long the word is that begins here, if it is of plain letters and digits up to a plain separator: most are.</summary>
    private static int AsciiWord(string text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
        {
            end++;
        }

        return end == text.Length || char.IsAscii(text[end]) ? end - start : 0;
    }

    private enum Kind
    {
        Space,
        Letter,
        Mark,
        Symbol,
        Dense,
    }

    private static Kind KindOf(Rune rune) =>
        rune.IsAscii ? (Rune.IsLetterOrDigit(rune) ? Kind.Letter : Kind.Space)
        : IsDense(rune.Value) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.OtherPunctuation or UnicodeCategory.SpaceSeparator) ? Kind.Dense
        : Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.OtherSymbol => Kind.Symbol,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => Kind.Mark,
            <= UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber or UnicodeCategory.PrivateUse => Kind.Letter,
            _ => Kind.Space,
        };

    /// <summary>Thai, Lao, Myanmar, Khmer, kana, Han, Hangul.</summary>
    private static bool IsDense(int c) => c is
        (>= 0x0E01 and <= 0x0EDF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17D3) or (>= 0x3041 and <= 0x30FF and not 0x30FB) or (>= 0x31F0 and <= 0x31FF)
        or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) or 0x3005;
}
