using System.Text.Json;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Instances.Ownership;

/// <summary>Whose root this is: <c>.instance.json</c> in it.</summary>
/// <param name="Schema">1.</param>
/// <param name="Id">The exact id; null when unscoped.</param>
/// <param name="Uuid">Random, made with the root: the same UUID in two places is a copy.</param>
/// <param name="AutoScopeDirectory">The real directory an auto-scoped id was derived from.</param>
/// <param name="Root">Where the root was when it was last claimed, as its process saw it.</param>
/// <param name="DataHome">The data home it lay in then.</param>
public sealed record RootMarker(
    int Schema, string? Id, Guid Uuid, DateTimeOffset CreatedAt, string? AutoScopeDirectory, string Root, string DataHome)
{
    public const int CurrentSchema = 1;

    private const string FileName = ".instance.json";

    /// <summary>The marker of a root; null if there is none, or none that can be read.</summary>
    public static RootMarker? TryRead(string root)
    {
        try
        {
            return Read(Path.Combine(root, FileName));
        }
        catch (InstanceRefusedException)
        {
            return null;
        }
    }

    /// <summary>Null if there is no marker.</summary>
    /// <exception cref="InstanceRefusedException">It is there, and can't be read or is newer than this program: it is never overwritten.</exception>
    internal static RootMarker? Read(string path)
    {
        try
        {
            var marker = JsonSerializer.Deserialize(File.ReadAllBytes(path), OwnershipJson.Default.RootMarker);
            return marker switch
            {
                { Schema: > CurrentSchema } => throw new InstanceRefusedException(
                    "root_newer",
                    $"{path} has schema {marker.Schema} and this program knows {CurrentSchema}: a newer ProtoAgent made this root. Run that version."),
                { Schema: > 0, Root: not null, DataHome: not null } => marker,
                _ => throw Unreadable(path, "it is not an instance's marker"),
            };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return Directory.Exists(path) ? throw Unreadable(path, "it is a folder") : throw Unreadable(path, e.Message);
        }
    }

    /// <param name="replace">False: an existing marker stays, and the answer is false.</param>
    internal bool Write(string path, bool replace) =>
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, OwnershipJson.Default.RootMarker), replace);

    private static InstanceRefusedException Unreadable(string path, string why) => new(
        "root_unreadable",
        $"{path}, which says whose data this is, can't be read: {why}. If the data is this instance's, delete that file and start again.");
}
