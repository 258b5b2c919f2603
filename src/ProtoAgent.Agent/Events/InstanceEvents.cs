using System.Text.Json.Serialization;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Agent.Events;

/// <summary>The instance itself: <c>instance.started</c>, kept for who comes back to it, and <c>instance.stopping</c>, after which the stream ends.</summary>
public sealed class InstanceEvents(EventBus bus)
{
    public void Started(InstanceRecord record) => Tell("started", record);

    public void Stopping(InstanceRecord record) => Tell("stopping", record);

    private void Tell(string what, InstanceRecord r) =>
        bus.Publish($"instance.{what}", new InstanceHappened(r.Instance, r.AgentName, r.Pid, r.Port, r.Version, r.StartedAt), InstanceEventJson.Default.InstanceHappened);

    internal sealed record InstanceHappened(string? Instance, string AgentName, int Pid, int Port, string Version, DateTimeOffset StartedAt);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(InstanceEvents.InstanceHappened))]
internal sealed partial class InstanceEventJson : JsonSerializerContext;
