using System.Text.RegularExpressions;

namespace ProtoAgent.Agent.Knowledge;

/// <summary>
/// A model's thinking that leaked into what it writes. What is stored comes back as a fact, and a guess made on the way to an
/// answer is none.
/// </summary>
internal static partial class Reasoning
{
    /// <summary>
    /// Without blocks of thinking. One that is not closed counts only at the very beginning, and a closing tag without a beginning
    /// only in a model's own words: in a document either may be what it is about. So may be a tag in backquotes.
    /// </summary>
    /// <param name="ofModel">A model wrote it.</param>
    public static string Strip(string text, bool ofModel)
    {
        if (!text.Contains('<', StringComparison.Ordinal))
        {
            return text;
        }

        var kept = Block().Replace(text, "");
        if (Unclosed().IsMatch(kept))
        {
            return "";
        }

        return ofModel && Closing().Matches(kept) is [.., var last] ? kept[(last.Index + last.Length)..].TrimStart() : kept;
    }

    private const string Names = "think|thinking|thought|reasoning|scratch_?pad|reflection";

    [GeneratedRegex($@"(?<!`)<(?<tag>{Names})>.*?</\k<tag>>\s*", RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Block();

    [GeneratedRegex($@"^\s*<({Names})>", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Unclosed();

    [GeneratedRegex($@"(?<!`)</({Names})>", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Closing();
}
