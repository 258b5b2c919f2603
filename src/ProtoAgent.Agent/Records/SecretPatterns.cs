using System.Buffers;

namespace ProtoAgent.Agent.Records;

/// <summary>
/// What looks like a secret in plain text. One pass from left to right over the words that begin one, each looked at once; what is
/// scanned is either taken out or of bounded length, so the time is linear. A backtracking expression can't promise that.
/// </summary>
internal static class SecretPatterns
{
    /// <summary>How far a key is looked at to tell whether it is one.</summary>
    private const int LookAhead = 256;

    private const string Word = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> s_word = SearchValues.Create(Word);
    private static readonly SearchValues<char> s_wordOrUnderscore = SearchValues.Create(Word + "_");
    private static readonly SearchValues<char> s_dashed = SearchValues.Create(Word + "_-");
    private static readonly SearchValues<char> s_credentials = SearchValues.Create(Word + "_-.~+/=%:");

    private static readonly SearchValues<char> s_endsAuthority = SearchValues.Create(" \t\r\n\"'<>`/?#\\");

    /// <summary>Keys that can be told by how they begin, what they consist of, and how much of it there is at least.</summary>
    private static readonly Key[] s_keys =
    [
        // OpenAI's and Anthropic's; "risk-averse" is none.
        new("sk-", s_dashed, 16, DigitBehindLetter: true),
        new("ghp_", s_word, 16), new("gho_", s_word, 16), new("ghu_", s_word, 16), new("ghs_", s_word, 16), new("ghr_", s_word, 16),
        new("github_pat_", s_wordOrUnderscore, 16), new("glpat-", s_dashed, 16),
        new("xoxa-", s_dashed, 8), new("xoxb-", s_dashed, 8), new("xoxc-", s_dashed, 8), new("xoxd-", s_dashed, 8), new("xoxe-", s_dashed, 8),
        new("xoxo-", s_dashed, 8), new("xoxp-", s_dashed, 8), new("xoxr-", s_dashed, 8), new("xoxs-", s_dashed, 8),
        new("AKIA", s_word, 12), new("ASIA", s_word, 12), new("AIza", s_dashed, 20),
    ];

    private static readonly SearchValues<string> s_begins = SearchValues.Create(
        [.. s_keys.Select(k => k.Prefix), .. SecretNames.InText, "eyJ", "bearer", "-----BEGIN ", "://"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Where in the text they stand.</summary>
    public static void Find(ReadOnlySpan<char> text, List<Range> found)
    {
        var (at, noWebTokenBefore) = (0, 0);
        while (text[at..].IndexOfAny(s_begins) is >= 0 and var step)
        {
            at += step;
            var (start, length) = At(text, at, ref noWebTokenBefore);
            if (length > 0)
            {
                found.Add(start..(start + length));
                at = start + length;
            }
            else
            {
                at++;
            }
        }
    }

    /// <returns>What to take out; length 0: nothing.</returns>
    private static (int Start, int Length) At(ReadOnlySpan<char> text, int at, ref int noWebTokenBefore)
    {
        var rest = text[at..];
        switch (rest[0])
        {
            case '-':
                return (at, PrivateKey(rest));
            case ':':
                return (at + 3, UserInfo(rest[3..]));
            case 'e' when rest.StartsWith("eyJ", StringComparison.Ordinal):
                return at < noWebTokenBefore ? default : (at, WebToken(text, at, out noWebTokenBefore));
            case 'b' or 'B' when rest.StartsWith("bearer", StringComparison.OrdinalIgnoreCase):
                var spaces = Spaces(rest, "bearer".Length);
                return spaces > "bearer".Length && Run(rest[spaces..], s_credentials) is >= 8 and var token ? (at + spaces, token) : default;
            default:
                foreach (var key in s_keys)
                {
                    if (rest.StartsWith(key.Prefix, StringComparison.Ordinal) && key.Length(text, at) is > 0 and var run)
                    {
                        return (at, run);
                    }
                }

                return KeyValue.Find(text, at);
        }
    }

    /// <summary>Up to its end mark; cut off before that, up to the end of the text. 0: it is a certificate or the like.</summary>
    private static int PrivateKey(ReadOnlySpan<char> rest)
    {
        const string mark = "PRIVATE KEY";
        var header = rest[..Math.Min(rest.Length, 80)];
        var marked = header.IndexOf(mark, StringComparison.Ordinal);
        if (marked < 0 || header["-----BEGIN ".Length..marked].IndexOf('-') >= 0)
        {
            return 0;
        }

        var end = rest.IndexOf("-----END ", StringComparison.Ordinal);
        if (end < 0)
        {
            return rest.Length;
        }

        var tail = end + "-----END ".Length;
        var close = rest[tail..Math.Min(rest.Length, tail + 80)].IndexOf("-----", StringComparison.Ordinal);
        return close >= 0 ? tail + close + 5 : tail;
    }

    /// <summary>The <c>user:password</c> of <c>user:password@host</c>; 0 if there is none.</summary>
    private static int UserInfo(ReadOnlySpan<char> authority)
    {
        var end = authority.IndexOfAny(s_endsAuthority);
        return Math.Max(0, (end < 0 ? authority : authority[..end]).LastIndexOf('@'));
    }

    /// <summary>Three parts with dots between, the last of which may be missing; 0 if it is none.</summary>
    /// <param name="none">No other begins before: a text of nothing but "eyJ" would be gone over again and again.</param>
    private static int WebToken(ReadOnlySpan<char> text, int at, out int none)
    {
        var dot = at + Run(text[at..], s_dashed);
        none = dot;
        if (dot - at < 10 || dot == text.Length || text[dot] != '.' || Run(text[(dot + 1)..], s_dashed) is not (>= 4 and var payload))
        {
            return 0;
        }

        var end = dot + 1 + payload;
        return end - at + (end < text.Length && text[end] == '.' ? 1 + Run(text[(end + 1)..], s_dashed) : 0);
    }

    private static int Spaces(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && (text[at] is ' ' or '\t' or '+' || text[at..].StartsWith("%20", StringComparison.Ordinal)))
        {
            at += text[at] == '%' ? 3 : 1;
        }

        return at;
    }

    private static int Run(ReadOnlySpan<char> text, SearchValues<char> of) => text.IndexOfAnyExcept(of) is >= 0 and var end ? end : text.Length;

    /// <param name="DigitBehindLetter">Where a letter stands before it, it may be the end of a word: then only with a digit in it.</param>
    private sealed record Key(string Prefix, SearchValues<char> Of, int AtLeast, bool DigitBehindLetter = false)
    {
        /// <summary>With its prefix; 0 if it is no key.</summary>
        public int Length(ReadOnlySpan<char> text, int at)
        {
            var key = text[(at + Prefix.Length)..];
            var begin = key[..Run(key[..Math.Min(key.Length, LookAhead)], Of)];
            var isWord = DigitBehindLetter && at > 0 && char.IsAsciiLetter(text[at - 1]) && !begin.ContainsAnyInRange('0', '9');
            return begin.Length < AtLeast || isWord ? 0 : Prefix.Length + Run(key, Of);
        }
    }
}
