using System.Text.RegularExpressions;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>A regular expression of the model's: in time that grows with the text alone, and bounded besides.</summary>
internal static class SearchPattern
{
    /// <summary>For one line.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const int Longest = 1_000;

    /// <exception cref="ToolException">It can't be read, or is too much.</exception>
    public static Regex Parse(string pattern)
    {
        if (pattern.Length is 0 or > Longest)
        {
            throw new ToolException($"pattern has {pattern.Length:N0} characters; give a regular expression of 1 to {Longest:N0}.");
        }

        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Patience);
        }
        catch (NotSupportedException e)
        {
            throw new ToolException(
                "pattern uses what this search has not (look-around, back-references, atomic groups, or repetitions by the thousand). Write it without.", e);
        }
        catch (ArgumentException e)
        {
            throw new ToolException($"pattern is no regular expression: {e.Message} Put a backslash before characters meant as they are.", e);
        }
    }
}
