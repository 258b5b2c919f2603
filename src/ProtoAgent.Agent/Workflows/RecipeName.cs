namespace ProtoAgent.Agent.Workflows;

/// <summary>
/// What a workflow, an input or a step may be called. A workflow's name is its file's and its slash command's: lower case, so that
/// no two names are one file anywhere, and nothing that leads out of a folder.
/// </summary>
internal static class RecipeName
{
    public const int Longest = 64;

    /// <summary>Part of an address of the API, and so no workflow's.</summary>
    private const string Taken = "runs";

    /// <summary>The end of a sentence ("… is refused: it …"); null if it is fine.</summary>
    public static string? Problem(string name) =>
        Shape(name) is { } shape ? shape
        : name.Any(char.IsAsciiLetterUpper) ? "it has a capital letter, and may have lower-case ones alone"
        : name == Taken ? $"'{Taken}' is what the API calls the runs of all workflows"
        : null;

    /// <summary>The same for an input or a step, which may have capitals.</summary>
    public static string? Shape(string name) =>
        name.Length is 0 or > Longest ? $"it must have 1 to {Longest} characters"
        : !char.IsAsciiLetterOrDigit(name[0]) ? "it must begin with a letter or a digit"
        : !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? "it may hold only letters without accents, digits, '-' and '_'"
        : null;
}
