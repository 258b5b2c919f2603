namespace ProtoAgent.Agent.Tools.Files;

/// <summary>Everything below a folder, in the order of the paths; each folder before what is in it.</summary>
internal static class FolderWalk
{
    /// <param name="recursive">Also enter folders, but for links and those whose name begins with a dot.</param>
    /// <returns>Each entry with the folder it is in, open while the entry is looked at.</returns>
    public static IEnumerable<(FolderEntry Entry, WorkspaceFolder Within)> Of(WorkspaceFolder folder, bool recursive, int depth = 0)
    {
        foreach (var entry in folder.Entries())
        {
            yield return (entry, folder);
            if (!recursive || entry.Stat.Kind != FileKind.Folder || entry.Name.StartsWith('.') || depth >= WorkspaceFolder.Deepest)
            {
                continue;
            }

            using var inside = folder.Down(entry.Name);
            if (inside is null)
            {
                continue;
            }

            foreach (var found in Of(inside, recursive, depth + 1))
            {
                yield return found;
            }
        }
    }
}
