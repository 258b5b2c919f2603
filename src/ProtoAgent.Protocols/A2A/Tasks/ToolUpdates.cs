using System.Text.Json.Nodes;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>Tool calls, for callers that asked to be told: see <see cref="Extensions.ToolCalls"/>.</summary>
internal static class ToolUpdates
{
    public static StreamResponse Started(A2ATask task, TurnEvent.ToolStarted call) =>
        Of(task, new JsonObject { ["call_id"] = call.CallId, ["tool"] = call.Tool, ["phase"] = "started" });

    public static StreamResponse Ended(A2ATask task, TurnEvent.ToolEnded call) =>
        Of(task, new JsonObject { ["call_id"] = call.CallId, ["tool"] = call.Tool, ["phase"] = "ended", ["status"] = call.Status });

    private static StreamResponse Of(A2ATask task, JsonObject call) => new()
    {
        StatusUpdate = new TaskStatusUpdateEvent
        {
            TaskId = task.Id, ContextId = task.ContextId!, Status = task.Status, Metadata = new JsonObject { [Extensions.ToolCalls] = call },
        },
    };
}
