namespace ProtoAgent.Agent.Tools.Files;

/// <summary>Files of the workspace for somebody outside, and nothing beside it.</summary>
public sealed class OutgoingFiles(Workspace workspace)
{
    /// <param name="path">As the model gives it.</param>
    /// <returns>The file's own name, and all that is in it: at most <see cref="Workspace.LongestFile"/>.</returns>
    /// <exception cref="ToolException">It isn't there, is no file, is too big, or lies outside.</exception>
    public (string Name, byte[] Content) Read(string path)
    {
        var parsed = workspace.Parse(path);
        return (Path.GetFileName(parsed), workspace.Read(parsed));
    }
}
