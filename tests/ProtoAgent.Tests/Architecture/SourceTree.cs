using System.Text.RegularExpressions;

namespace ProtoAgent.Tests.Architecture;

/// <summary>The source files as text, found from where the tests were built.</summary>
internal static partial class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> Sources { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Select(f => new SourceFile(Path.GetRelativePath(Root, f), File.ReadAllText(f))),
    ];

    private static string FindRoot()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "ProtoAgent.slnx")))
        {
            at = Path.GetDirectoryName(at) ?? throw new InvalidOperationException("ProtoAgent.slnx is not above the tests.");
        }

        return at;
    }

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    public static partial Regex Namespace();

    [GeneratedRegex(@"^using (static )?(?<name>ProtoAgent[\w.]*);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    public static partial Regex Imports();

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|file)\s+)*(?:partial\s+)?class\s+\w+", RegexOptions.Multiline)]
    public static partial Regex OpenClass();
}

internal sealed record SourceFile(string Path, string Text)
{
    public string Folder => System.IO.Path.GetDirectoryName(Path)!["src/".Length..];

    public string? Namespace => SourceTree.Namespace().Match(Text) is { Success: true } m ? m.Groups["name"].Value : null;

    public IEnumerable<string> Imports => SourceTree.Imports().Matches(Text).Select(m => m.Groups["name"].Value);

    public int Lines => Text.AsSpan().Count('\n');
}
