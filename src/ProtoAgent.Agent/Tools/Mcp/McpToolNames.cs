using System.Security.Cryptography;
using System.Text;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>
/// What the model calls a server's tools: <c>server__tool</c>, 1 to 64 of <c>[a-zA-Z0-9_-]</c>. The same list of tools always
/// gets the same names, in whatever order it comes, so that a turn that is resumed finds its tools.
/// </summary>
internal static class McpToolNames
{
    private const int Longest = 64;

    /// <param name="tools">The server's own names, each once.</param>
    public static Dictionary<string, string> For(string server, IReadOnlyCollection<string> tools)
    {
        var plain = tools.ToDictionary(t => t, t => $"{server}__{string.Concat(t.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'))}", StringComparer.Ordinal);
        var shared = plain.GroupBy(p => p.Value, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        return plain.ToDictionary(p => p.Key, p => IsFit(server, p.Key, p.Value, shared) ? p.Value : Marked(p.Value, p.Key), StringComparer.Ordinal);
    }

    /// <summary>Of those that come to one name, the one that is called so keeps it.</summary>
    private static bool IsFit(string server, string tool, string name, HashSet<string> shared) =>
        name.Length <= Longest && tool.Length > 0 && (!shared.Contains(name) || name == $"{server}__{tool}");

    /// <summary>With a mark of the original name at its end.</summary>
    private static string Marked(string name, string tool)
    {
        var mark = "_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tool)))[..8];
        return string.Concat(name.AsSpan(0, Math.Min(name.Length, Longest - mark.Length)), mark);
    }
}
