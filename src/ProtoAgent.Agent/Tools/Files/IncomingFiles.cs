namespace ProtoAgent.Agent.Tools.Files;

/// <summary>Puts files that come from outside where the model can read them, and nowhere else.</summary>
public sealed class IncomingFiles(Workspace workspace)
{
    /// <summary>Shorter than any file system's longest name, in whatever alphabet.</summary>
    private const int LongestName = 60;

    /// <param name="folder">In the workspace; by us, not by whoever sends.</param>
    /// <param name="name">As the sender calls it; null or unusable is replaced.</param>
    /// <returns>Its path in the workspace.</returns>
    /// <exception cref="ToolException">It can't be written.</exception>
    public string Save(string folder, int number, string? name, ReadOnlyMemory<byte> content)
    {
        // Numbered: two files of one message may have one name.
        var path = $"{folder}/{number}-{Plain(name)}";
        workspace.Write(path, content);
        return path;
    }

    private static string Plain(string? name)
    {
        var plain = string.Concat((name ?? "").Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_'))[..Math.Min(name?.Length ?? 0, LongestName)].Trim('.');
        return plain.Length > 0 ? plain : "file";
    }
}
