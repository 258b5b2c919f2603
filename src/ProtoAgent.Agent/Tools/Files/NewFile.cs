using Microsoft.Win32.SafeHandles;

namespace ProtoAgent.Agent.Tools.Files;

/// <summary>A file written beside its place and renamed into it, in a folder held open, so that nobody ever reads half of one.</summary>
internal static class NewFile
{
    private const int OwnerOnly = 0x180;

    /// <param name="path">For messages.</param>
    /// <param name="rights">Of the file it replaces; null for those of a new one, 0600.</param>
    public static void Put(SafeFileHandle folder, string name, string path, UnixFileMode? rights, Action<SafeFileHandle> fill)
    {
        // Not made of the name, which may be as long as a name may be.
        var beside = $".{Guid.NewGuid():N}.tmp";
        Check(LinuxFile.OpenAt(folder, beside, LinuxFile.WriteOnly | LinuxFile.Create | LinuxFile.Exclusive | LinuxFile.NoFollow, out var file, OwnerOnly), path);
        var isPlaced = false;
        try
        {
            using (file)
            {
                fill(file);
                if (rights is { } kept)
                {
                    File.SetUnixFileMode(file, kept);
                }

                // Else a power cut could leave the new name with none of the content.
                RandomAccess.FlushToDisk(file);
            }

            Check(LinuxFile.Rename(folder, beside, name), path);
            isPlaced = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"'{Refusal.Shown(path)}' could not be written, and is as it was: {e.Message.TrimEnd('.')}. Delete what is no longer needed, or tell a person.", e);
        }
        finally
        {
            if (!isPlaced)
            {
                LinuxFile.Remove(folder, beside, isFolder: false);
            }
        }
    }

    private static void Check(int error, string path)
    {
        if (error != 0)
        {
            throw Refusal.Of(error, path);
        }
    }
}
