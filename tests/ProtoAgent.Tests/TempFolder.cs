using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Tests;

/// <summary>A data home of one test's own, gone with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("protoagent-stores-").FullName;

    /// <summary>The paths of instance <c>alice</c> in this data home.</summary>
    public InstancePaths Paths(string? dataHome = null) => InstancePaths.Resolve(
        new InstanceIdentity(InstanceId.Parse("alice", "test"), InstanceIdSource.Environment, "test"),
        AgentName.Parse(AgentName.Default, "test"),
        new DataHome(dataHome ?? Path, "test"));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
