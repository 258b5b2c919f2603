using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Instances.Ownership;

/// <summary>This process as an instance: its root claimed, its entry in the box registry.</summary>
public sealed class RunningInstance : IDisposable
{
    public InstancePaths Paths => throw new NotSupportedException();

    /// <summary>This process's own entry, as last published.</summary>
    public InstanceRecord Record => throw new NotSupportedException();

    public InstanceRegistry Registry => throw new NotSupportedException();

    /// <summary>Live processes on the same root, this one left out.</summary>
    public IReadOnlyList<InstanceRecord> Siblings() => throw new NotSupportedException();

    /// <summary>The standing problems as of now: unscoped over data, live siblings, …</summary>
    public IReadOnlyList<StandingWarning> Warnings() => throw new NotSupportedException();

    /// <summary>Replaces this process's entry in the registry.</summary>
    public void Publish(Func<InstanceRecord, InstanceRecord> change) => throw new NotSupportedException();

    public void Dispose() => throw new NotSupportedException();
}

public sealed class InstanceRegistry(string folder)
{
    public string Folder => folder;

    /// <summary>The live instances of this box, by id. Files of dead ones are swept.</summary>
    public IReadOnlyList<InstanceRecord> Live() => throw new NotSupportedException();

    /// <summary>Whether the process of that entry lives. False for an unknown one.</summary>
    public bool IsLive(string processId) => throw new NotSupportedException();
}
