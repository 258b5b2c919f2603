using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Instances.Ownership;

/// <summary>What a root must pass before this process may claim it. Reads only.</summary>
internal static class RootCheck
{
    /// <returns>The marker that is there, and what is to become of it.</returns>
    /// <exception cref="InstanceRefusedException">The root is another's, or a copy of one that lives.</exception>
    public static RootFound Examine(InstancePaths paths)
    {
        RefuseUnwritable(paths.DataHome);
        RefuseForeignOverrides(paths);
        if (RootMarker.Read(paths.Marker) is not { } marker)
        {
            return new RootFound(null, RootState.New);
        }

        RefuseAnothers(paths, marker);
        return new RootFound(marker, Place(paths, marker));
    }

    /// <summary>The id exactly: two ids a disk takes for one, or a hash that collides, must not share a root.</summary>
    private static void RefuseAnothers(InstancePaths paths, RootMarker marker)
    {
        var id = paths.Identity.Id?.Value;
        var otherDirectory = paths.Identity.AutoScopeDirectory is { } here && marker.AutoScopeDirectory is { } there && here != there;
        if (marker.Id == id && !otherDirectory)
        {
            return;
        }

        var owner = marker.Id is null ? "an unscoped instance" : $"the instance '{NameRules.Show(marker.Id)}'";
        throw new InstanceRefusedException(
            "root_of_another_instance",
            otherDirectory
                ? $"{paths.Root} belongs to {owner} of the directory {marker.AutoScopeDirectory}, and this one runs in {paths.Identity.AutoScopeDirectory}. "
                  + "Give this instance an id of its own: PROTOAGENT_INSTANCE."
                : $"{paths.Root} belongs to {owner}, not to {paths.Identity.Display} ({paths.Identity.Origin}). "
                  + $"Use another id; or, if the data was meant for this one, delete {paths.Marker} and start again.");
    }

    private static RootState Place(InstancePaths paths, RootMarker marker)
    {
        var here = UnixFile.IdentityOf(paths.Root);
        RefuseLiveCopy(paths, marker, here, new InstanceRegistry(paths.Registry).Live(sweep: false));
        if (marker.Root == paths.Root || UnixFile.IdentityOf(marker.Root) == here)
        {
            return RootState.Known;
        }

        // Claimed under another path last time: moved, or copied. Only the other place can tell.
        RefuseLiveCopy(paths, marker, here, new InstanceRegistry(InstancePaths.RegistryOf(new DataHome(marker.DataHome, "the marker"))).Live(sweep: false));
        return RootMarker.TryRead(marker.Root)?.Uuid == marker.Uuid ? RootState.CopyOfAStoppedOne : RootState.Moved;
    }

    /// <summary>The same folder under another name (a volume two containers mount) is no copy: the inode decides, not the text.</summary>
    private static void RefuseLiveCopy(InstancePaths paths, RootMarker marker, FileIdentity? here, IReadOnlyList<InstanceRecord> live)
    {
        foreach (var other in live.Where(r => r.Uuid == marker.Uuid && r.Root != paths.Root))
        {
            // In our own registry, a root we can't see is one of another container's names for this volume.
            var there = UnixFile.IdentityOf(other.Root);
            if (there is not null && there != here)
            {
                throw new InstanceRefusedException(
                    "root_copied",
                    $"{paths.Root} is a copy of {other.Root}, which is in use (pid {other.Pid}, port {other.Port}): two processes would take themselves "
                    + $"for one instance. To make the copy an instance of its own, delete {paths.Marker} and start again.");
            }
        }
    }

    private static void RefuseUnwritable(DataHome home)
    {
        if (!home.CanBeWritten())
        {
            throw new InstanceRefusedException(
                "data_home_not_writable",
                $"The data home {home.Path} ({home.Reason}) can't be written by this user. Give it the right to, or set PROTOAGENT_BOX_ROOT to a directory that is this user's.",
                InstanceRefusedException.CannotCreate);
        }
    }

    /// <summary>A store moved into another instance's root would share what the path table keeps apart.</summary>
    private static void RefuseForeignOverrides(InstancePaths paths)
    {
        foreach (var moved in paths.All.Where(p => p.IsMoved))
        {
            for (var folder = Path.GetDirectoryName(moved.Path); folder is not null; folder = Path.GetDirectoryName(folder))
            {
                if (folder != paths.Root && folder != paths.DataHome.Path && RootMarker.TryRead(folder) is { } marker && marker.Id != paths.Identity.Id?.Value)
                {
                    throw new InstanceRefusedException(
                        "path_override_invalid",
                        $"{moved.Reason} puts {moved.Store} at {moved.Path}, inside the root of another instance ({folder}). Give it a place of its own.");
                }
            }
        }
    }
}

internal enum RootState
{
    /// <summary>No marker yet.</summary>
    New,

    /// <summary>Ours, where it was.</summary>
    Known,

    /// <summary>Ours, and the old place is gone.</summary>
    Moved,

    /// <summary>The original is still where it was, and nobody runs on it.</summary>
    CopyOfAStoppedOne,
}

internal sealed record RootFound(RootMarker? Marker, RootState State);
