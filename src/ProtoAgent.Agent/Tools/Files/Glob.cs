using System.Text;
using System.Text.RegularExpressions;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>
/// File patterns: <c>*</c> and <c>?</c> within a name, <c>**</c> over folders, <c>{a,b}</c> for one of some. Without a slash it
/// is for the name, in whatever folder.
/// </summary>
internal static class Glob
{
    private const int Longest = 1_000;

    /// <exception cref="ToolException">It can't be read.</exception>
    public static Regex Parse(string glob)
    {
        if (glob.Length > Longest)
        {
            throw new ToolException($"glob has {glob.Length:N0} characters; at most {Longest:N0} can be used.");
        }

        var pattern = new StringBuilder(glob.Contains('/') ? "^" : "(?:^|/)");
        var isOpen = false;
        var at = glob.StartsWith('/') ? 1 : 0;
        while (at < glob.Length)
        {
            var rest = glob.AsSpan(at);
            var (piece, length) = rest switch
            {
                ['*', '*', '/', ..] => ("(?:.*/)?", 3),
                ['*', '*', ..] => (".*", 2),
                ['*', ..] => ("[^/]*", 1),
                ['?', ..] => ("[^/]", 1),
                ['{', ..] when !isOpen => ("(?:", 1),
                ['}', ..] when isOpen => (")", 1),
                [',', ..] when isOpen => ("|", 1),
                _ => (Regex.Escape(glob[at].ToString()), 1),
            };
            isOpen = piece == "(?:" || (isOpen && piece != ")");
            pattern.Append(piece);
            at += length;
        }

        return !isOpen
            ? new Regex(pattern.Append("\\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline, SearchPattern.Patience)
            : throw new ToolException($"The glob '{Refusal.Shown(glob)}' has a '{{' without its '}}'.");
    }
}
