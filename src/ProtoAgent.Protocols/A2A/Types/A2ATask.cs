using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>A unit of work with its state, its results and what was said (specification 4.1.1). Called <c>Task</c> on the wire.</summary>
internal sealed record A2ATask : IChecked
{
    public string Id { get => field ?? ""; init; }

    public string? ContextId { get => field; init => field = Proto.Unset(value); }

    public A2ATaskStatus Status { get => field ?? new(); init; }

    /// <summary>Null: left out. Empty: there are none, and somebody asked (specification 3.1.4).</summary>
    public IReadOnlyList<Artifact>? Artifacts { get; init; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Message>? History { get => field; init => field = Proto.Unset(value); }

    public JsonObject? Metadata { get; init; }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}id", Id);
        Status.Check(checks, $"{at}status.");
        checks.Each($"{at}artifacts", Artifacts);
        checks.Each($"{at}history", History);
    }
}
