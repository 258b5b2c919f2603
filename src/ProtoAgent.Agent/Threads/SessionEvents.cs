using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Agent.Threads;

/// <summary>What people do to sessions, on the bus: <c>session.forked</c>, <c>rewound</c>, <c>deleted</c>. No list shows an incognito one, and nothing is told of it.</summary>
public sealed class SessionEvents(EventBus bus)
{
    /// <param name="parentId">Of a fork: the session it came from.</param>
    /// <param name="steps">How many it has now.</param>
    public void Tell(string what, string sessionId, string? parentId = null, long? steps = null)
    {
        if (!ThreadIds.IsIncognito(sessionId))
        {
            bus.Publish($"session.{what}", new SessionChanged(sessionId, parentId, steps), SessionEventJson.Default.SessionChanged);
        }
    }

    internal sealed record SessionChanged(string SessionId, string? ParentId, long? Steps);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionEvents.SessionChanged))]
internal sealed partial class SessionEventJson : JsonSerializerContext;
