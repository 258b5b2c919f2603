using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;

namespace ProtoAgent.Agent.Fleet;

/// <summary><c>fleet.added</c>, <c>fleet.running</c>, <c>fleet.waiting</c>, <c>fleet.failed</c>, <c>fleet.stopped</c>, <c>fleet.removed</c>.</summary>
internal sealed class FleetEvents(EventBus bus)
{
    public void Tell(string what, string name, int? pid) => bus.Publish($"fleet.{what}", new FleetHappened(name, pid), FleetEventJson.Default.FleetHappened);

    internal sealed record FleetHappened(string Name, int? Pid);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(FleetEvents.FleetHappened))]
internal sealed partial class FleetEventJson : JsonSerializerContext;
