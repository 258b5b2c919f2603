using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Memory;

/// <summary>What happens to the memory, told to whoever listens.</summary>
public static class MemoryEvents
{
    /// <summary><c>memory.hot_written</c>: what every conversation begins with has changed.</summary>
    public static void Tell(EventBus events, HotWrite write) => events.Publish(
        "memory.hot_written", new HotWritten(write.Chunk.Id, write.Action, KnowledgeNames.Of(write.Chunk.Trust), OneLine.Of(write.Chunk.Content, HotFacts.Longest)), MemoryEventJson.Default.HotWritten);
}

/// <param name="Action"><c>added</c>, <c>revised</c>, <c>updated</c>, <c>deleted</c> or <c>restored</c>.</param>
internal sealed record HotWritten(long Id, string Action, string Trust, string Content);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(HotWritten))]
internal sealed partial class MemoryEventJson : JsonSerializerContext;
