using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;

namespace ProtoAgent.Agent.Skills;

/// <summary>What this instance does to skills, on the bus: <c>skill.saved</c>, <c>installed</c>, <c>promoted</c>, <c>deleted</c>. A folder changed by hand tells nobody.</summary>
public sealed class SkillEvents(EventBus bus)
{
    public void Changed(string what, string name) => bus.Publish($"skill.{what}", new SkillChanged(name), SkillEventJson.Default.SkillChanged);

    internal sealed record SkillChanged(string Name);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SkillEvents.SkillChanged))]
internal sealed partial class SkillEventJson : JsonSerializerContext;
