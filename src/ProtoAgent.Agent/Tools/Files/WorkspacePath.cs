namespace ProtoAgent.Agent.Tools.Files;

/// <summary>A path the model gave, by its letters alone. What links make of it is <see cref="Beneath"/>'s.</summary>
internal static class WorkspacePath
{
    private const int Longest = 4_000;

    /// <param name="given">Relative to the root, or absolute below it; null or empty is the root itself.</param>
    /// <returns>Relative, without <c>.</c>, <c>..</c> and double slashes; empty for the root.</returns>
    /// <exception cref="ToolException">It leads outside, or no file can be called so.</exception>
    public static string Parse(string? given, string root)
    {
        if (string.IsNullOrEmpty(given))
        {
            return "";
        }

        if (given.Length > Longest)
        {
            throw new ToolException($"The path is {given.Length:N0} characters long; at most {Longest:N0} can be used.");
        }

        if (given.Any(char.IsControl))
        {
            throw new ToolException($"The path '{Refusal.Shown(given)}' holds a control character. Give it without.");
        }

        if (!IsWellFormed(given))
        {
            throw new ToolException("The path is not valid Unicode: it holds half of a surrogate pair, or the sign that stands for one. Give it without.");
        }

        var parts = Normalize(given, isAbsolute: given[0] == '/');
        if (given[0] != '/')
        {
            return string.Join('/', parts);
        }

        var top = Normalize(root, isAbsolute: true);
        return parts.Count >= top.Count && parts.Take(top.Count).SequenceEqual(top) ? string.Join('/', parts.Skip(top.Count)) : throw Refusal.Outside(given);
    }

    /// <summary>The folder's path and the last name.</summary>
    public static (string Folder, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? ("", path) : (path[..slash], path[(slash + 1)..]);
    }

    public static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    private static List<string> Normalize(string path, bool isAbsolute)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/').Where(p => p is not ("" or ".")))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (!isAbsolute)
            {
                throw Refusal.Outside(path);
            }
        }

        return parts;
    }

    private static bool IsWellFormed(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            // A lone surrogate is read as the replacement character; one that really stands there is refused with it.
            if (rune.Value == 0xFFFD)
            {
                return false;
            }
        }

        return true;
    }
}
