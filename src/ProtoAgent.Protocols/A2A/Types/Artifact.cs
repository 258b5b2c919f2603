using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>A result of a task (specification 4.1.7).</summary>
internal sealed record Artifact : IChecked
{
    /// <summary>Unique within its task. Required.</summary>
    public string ArtifactId { get => field ?? ""; init; }

    public string? Name { get => field; init => field = Proto.Unset(value); }

    public string? Description { get => field; init => field = Proto.Unset(value); }

    /// <summary>At least one.</summary>
    public IReadOnlyList<Part> Parts { get => field ?? []; init; }

    public JsonObject? Metadata { get; init; }

    public IReadOnlyList<string>? Extensions { get => field; init => field = Proto.Unset(value); }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}artifactId", ArtifactId);
        checks.Required($"{at}parts", Parts);
        checks.Each($"{at}parts", Parts);
    }
}
