using System.Text.Json.Nodes;

namespace ProtoAgent.Protocols.A2A.Types;

/// <summary>A task stands differently (specification 4.2.1).</summary>
internal sealed record TaskStatusUpdateEvent : IChecked
{
    public string TaskId { get => field ?? ""; init; }

    public string ContextId { get => field ?? ""; init; }

    public A2ATaskStatus Status { get => field ?? new(); init; }

    public JsonObject? Metadata { get; init; }

    public void Check(Checks checks, string at)
    {
        checks.Required($"{at}taskId", TaskId);
        checks.Required($"{at}contextId", ContextId);
        Status.Check(checks, $"{at}status.");
    }
}
