using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>A result of a task, or a piece of one (specification 4.2.2).</summary>
internal sealed record TaskArtifactUpdateEvent : IChecked
{
    public string TaskId { get => field ?? ""; init; }

    public string ContextId { get => field ?? ""; init; }

    public Artifact Artifact { get => field ?? new(); init; }

    /// <summary>Its parts go behind those of the artifact of the same id; else they are all of it.</summary>
    public bool? Append { get => field; init => field = Proto.Unset(value); }

    /// <summary>Nothing more comes of this artifact.</summary>
    public bool? LastChunk { get => field; init => field = Proto.Unset(value); }

    public JsonObject? Metadata { get; init; }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}taskId", TaskId);
        checks.Required($"{at}contextId", ContextId);
        Artifact.Check(checks, $"{at}artifact.");
    }
}
