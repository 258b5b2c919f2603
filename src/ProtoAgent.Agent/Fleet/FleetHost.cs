using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Agent.Fleet;

/// <summary>What a fleet is run with.</summary>
/// <param name="Program">This program's own file.</param>
/// <param name="Environment">All that a member gets of an environment: nothing of what makes the supervisor who it is, and none of its secrets.</param>
/// <param name="Grace">What a member gets to end by itself.</param>
public sealed record FleetHost(InstancePaths Paths, InstanceRegistry Registry, LockHolder Self, string Program, IReadOnlyDictionary<string, string> Environment, TimeSpan Grace)
{
    public string File => Paths.Leaf("fleet.json");

    /// <summary>What a member says on its standard streams.</summary>
    public string LogOf(string name) => Path.Combine(Paths.Leaf("fleet"), name + ".log");

    /// <summary>The live process of an instance of this data home; null if there is none.</summary>
    public InstanceRecord? Live(string name) => Registry.Live(sweep: false).FirstOrDefault(r => r.Instance == name);
}
