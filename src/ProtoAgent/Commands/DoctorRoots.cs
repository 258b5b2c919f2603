using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Commands;

/// <summary>Roots of the data home that could be taken for one another.</summary>
internal static class DoctorRoots
{
    public static IEnumerable<Finding> Examine(InstancePaths paths)
    {
        if (!Directory.Exists(paths.DataHome.Path))
        {
            yield break;
        }

        var roots = Directory.EnumerateDirectories(paths.DataHome.Path).Prepend(paths.DataHome.Path)
            .Select(folder => (Folder: folder, Marker: RootMarker.TryRead(folder)))
            .Where(r => r.Marker is not null)
            .ToList();
        var faults = 0;
        foreach (var same in roots.GroupBy(r => r.Marker!.Uuid).Where(g => g.Count() > 1))
        {
            faults++;
            yield return new Finding(
                "roots", FindingStatus.Fail, $"copies of one instance: {string.Join(", ", same.Select(r => r.Folder))}",
                "Delete .instance.json in all but the original; each then becomes an instance of its own.");
        }

        foreach (var (folder, marker) in roots.Where(r => r.Folder != paths.DataHome.Path && r.Marker!.Id != Path.GetFileName(r.Folder)))
        {
            faults++;
            yield return new Finding(
                "roots", FindingStatus.Fail, $"{folder} is the root of {marker!.Id ?? "an unscoped instance"}, not of '{Path.GetFileName(folder)}'",
                "Rename the folder back, or delete its .instance.json to make the data the new name's.");
        }

        foreach (var close in roots.GroupBy(r => Path.GetFileName(r.Folder), StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            faults++;
            yield return new Finding(
                "roots", FindingStatus.Warn, $"ids that differ only in case: {string.Join(", ", close.Select(r => Path.GetFileName(r.Folder)))}",
                "They are one folder on a case-insensitive disk. Rename one before this data home moves there.");
        }

        if (faults == 0)
        {
            yield return Finding.Ok("roots", $"{roots.Count} in the data home, each its own");
        }
    }
}
