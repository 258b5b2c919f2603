using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores;

namespace ProtoAgent.Commands;

/// <summary>Permissions and versions of what the instance has on disk.</summary>
internal static class DoctorFiles
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static IEnumerable<Finding> Examine(InstancePaths paths)
    {
        var there = paths.All.Select(p => p.Path).Append(paths.Root).Append(paths.Marker).Append(paths.Registry)
            .Where(p => File.Exists(p) || Directory.Exists(p)).Distinct().ToList();
        var open = there.Where(p => (File.GetUnixFileMode(p) & Others) != UnixFileMode.None).ToList();
        yield return open.Count == 0
            ? Finding.Ok("permissions", "only this user can read the instance's data")
            : new Finding(
                "permissions", FindingStatus.Warn, $"other users can reach {string.Join(", ", open)}", $"chmod -R go= {string.Join(' ', open)}");

        foreach (var store in StoreFiles.Examine(paths))
        {
            yield return store.Problem is null
                ? Finding.Ok("store", $"{store.Store}: {store.Path}")
                : new Finding("store", FindingStatus.Fail, store.Problem);
        }
    }
}
