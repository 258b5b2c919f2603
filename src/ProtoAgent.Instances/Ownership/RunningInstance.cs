using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Instances.Ownership;

/// <summary>This process as an instance: its root claimed, its entry in the box registry.</summary>
public sealed class RunningInstance : IDisposable
{
    private readonly InstanceRegistry.Registration _registration;
    private readonly List<StandingWarning> _boot;
    private Func<IEnumerable<StandingWarning>> _others = () => [];

    private RunningInstance(InstancePaths paths, InstanceRegistry registry, InstanceRegistry.Registration registration, List<StandingWarning> boot)
    {
        Paths = paths;
        Registry = registry;
        _registration = registration;
        _boot = boot;
    }

    public InstancePaths Paths { get; }

    /// <summary>This process's own entry, as last published.</summary>
    public InstanceRecord Record => _registration.Record;

    public InstanceRegistry Registry { get; }

    /// <summary>Whether this root may be claimed. Writes nothing, so that a refused start leaves no trace.</summary>
    /// <exception cref="InstanceRefusedException">It may not.</exception>
    public static void Check(InstancePaths paths) => RootCheck.Examine(paths);

    /// <summary>Makes the root and its marker where they are missing, and enters this process in the registry.</summary>
    /// <exception cref="InstanceRefusedException">As for <see cref="Check"/>, which is done again.</exception>
    public static RunningInstance Claim(InstancePaths paths, ProcessFacts facts, TimeProvider time)
    {
        var boot = new List<StandingWarning>();
        if (!paths.Identity.IsScoped && paths.DataHome.HoldsData())
        {
            boot.Add(UnscopedWarning(paths));
        }

        var found = RootCheck.Examine(paths);
        try
        {
            AtomicFile.CreateFolder(paths.Root);
            var marker = Mark(paths, found, time, boot);
            var registry = new InstanceRegistry(paths.Registry);
            return new RunningInstance(paths, registry, registry.Register(Describe(paths, marker, facts, time)), boot);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not LockUnsupportedException)
        {
            throw new InstanceRefusedException(
                "data_home_not_writable", $"The root {paths.Root} can't be made or written: {e.Message}", InstanceRefusedException.CannotCreate);
        }
    }

    /// <summary>The seed's loud warning: one more unscoped process in this data home would be this instance without knowing it.</summary>
    public static StandingWarning UnscopedWarning(InstancePaths paths) => new(
        "running_unscoped",
        $"running UNSCOPED in {paths.DataHome.Path}, which already holds data: another unscoped process here would be the same instance, "
        + "and the two could clobber each other's conversations, knowledge, memory and jobs.",
        "If more than one instance uses this machine or volume, give each an id (PROTOAGENT_INSTANCE=alice, or instance_id in its own config.yaml), "
        + "or set PROTOAGENT_AUTO_SCOPE=1 to scope each to its working directory.");

    /// <summary>Live processes on the same root, this one left out.</summary>
    public IReadOnlyList<InstanceRecord> Siblings() =>
        [.. Registry.Live().Where(Record.IsSibling)];

    /// <summary>The standing problems as of now.</summary>
    public IReadOnlyList<StandingWarning> Warnings() =>
    [
        .. _boot,
        .. Siblings().Select(s => new StandingWarning(
            StandingWarning.LiveSibling,
            $"another live process works on the same data root {Paths.Root}: instance {s.Instance ?? "(unscoped)"}, pid {s.Pid}, port {s.Port}. "
            + "The two can clobber each other's conversations, knowledge and memory.",
            "Stop one of them, or give each its own PROTOAGENT_INSTANCE.")),
        .. _others(),
    ];

    /// <summary>Adds what stands in the way besides the state of the root. Asked anew whenever warnings are.</summary>
    public void AlsoWarn(Func<IEnumerable<StandingWarning>> others) => _others = others;

    /// <summary>Replaces this process's entry in the registry: changed, and with the warnings of now.</summary>
    public void Publish(Func<InstanceRecord, InstanceRecord> change) => _registration.Publish(record => change(record) with { Warnings = Codes() });

    /// <summary>Publishes the warnings if others stand now than were published last.</summary>
    public void PublishWarnings()
    {
        try
        {
            if (!Codes().SequenceEqual(Record.Warnings ?? []))
            {
                Publish(record => record);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The box is told at the next look: what the registry shows is for people.
        }
    }

    public void Dispose() => _registration.Dispose();

    private List<string> Codes() => [.. _boot.Concat(_others()).Select(w => w.Code).Distinct(StringComparer.Ordinal)];

    private static RootMarker Mark(InstancePaths paths, RootFound found, TimeProvider time, List<StandingWarning> boot)
    {
        switch (found.State)
        {
            case RootState.Known:
                return found.Marker!;
            case RootState.Moved:
                var moved = found.Marker! with { Root = paths.Root, DataHome = paths.DataHome.Path };
                moved.Write(paths.Marker, replace: true);
                return moved;
            case RootState.CopyOfAStoppedOne:
                var own = found.Marker! with { Uuid = Guid.NewGuid(), CreatedAt = time.GetUtcNow(), Root = paths.Root, DataHome = paths.DataHome.Path };
                own.Write(paths.Marker, replace: true);
                boot.Add(new StandingWarning(
                    "root_copied_from",
                    $"{paths.Root} is a copy of {found.Marker!.Root}. From here on it is an instance of its own, and the two go separate ways.",
                    "If it was meant to replace the original, delete the original so that nobody starts it again."));
                return own;
            default:
                var made = new RootMarker(
                    RootMarker.CurrentSchema, paths.Identity.Id?.Value, Guid.NewGuid(), time.GetUtcNow(), paths.Identity.AutoScopeDirectory, paths.Root, paths.DataHome.Path);

                // Another process may have begun the same root in this moment: the first marker stands.
                return made.Write(paths.Marker, replace: false) ? made : Mark(paths, RootCheck.Examine(paths), time, boot);
        }
    }

    private static InstanceRecord Describe(InstancePaths paths, RootMarker marker, ProcessFacts facts, TimeProvider time) => new()
    {
        ProcessId = Guid.NewGuid().ToString("N"),
        Uuid = marker.Uuid,
        Instance = paths.Identity.Id?.Value,
        AgentName = paths.AgentName.Value,
        Pid = Environment.ProcessId,
        PidNamespace = new FileInfo("/proc/self/ns/pid").LinkTarget,
        HostName = Environment.MachineName,
        Url = facts.Url,
        Port = facts.Port,
        StartedAt = time.GetUtcNow(),
        Version = facts.Version,
        Root = paths.Root,
    };
}
