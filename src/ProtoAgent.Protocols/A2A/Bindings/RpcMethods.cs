using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Protocols.A2A.Tasks;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Bindings;

/// <summary>The methods of 1.0 over JSON-RPC (specification 9.4).</summary>
internal sealed class RpcMethods(Operations operations)
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "SendMessage", "SendStreamingMessage", "GetTask", "ListTasks", "CancelTask", "SubscribeToTask", "CreateTaskPushNotificationConfig", "GetTaskPushNotificationConfig",
        "ListTaskPushNotificationConfigs", "DeleteTaskPushNotificationConfig", "GetExtendedAgentCard",
    ];

    /// <summary>Null when it streams, or there is none.</summary>
    public Func<Task<JsonNode?>>? Answer(string method, JsonElement? asked, Caller caller, HttpContext context)
    {
        var hungUp = context.RequestAborted;
        return method switch
        {
            "SendMessage" => () => As(operations.Tasks.SendAsync(Read(asked, A2AJson.Default.SendMessageRequest), caller, hungUp), A2AJson.Default.SendMessageResponse),
            "GetTask" => () => As(operations.Tasks.GetAsync(Read(asked, A2AJson.Default.GetTaskRequest), hungUp), A2AJson.Default.A2ATask),
            "ListTasks" => () => As(operations.Tasks.ListAsync(Read(asked, A2AJson.Default.ListTasksRequest), hungUp), A2AJson.Default.ListTasksResponse),
            "CancelTask" => () => As(operations.Tasks.CancelAsync(Read(asked, A2AJson.Default.CancelTaskRequest), hungUp), A2AJson.Default.A2ATask),
            "CreateTaskPushNotificationConfig" => () => As(operations.CreatePushAsync(Read(asked, A2AJson.Default.TaskPushNotificationConfig), hungUp), A2AJson.Default.TaskPushNotificationConfig),
            "GetTaskPushNotificationConfig" => () => As(operations.GetPushAsync(Read(asked, A2AJson.Default.GetTaskPushNotificationConfigRequest), hungUp), A2AJson.Default.TaskPushNotificationConfig),
            "ListTaskPushNotificationConfigs" => () => As(
                operations.ListPushesAsync(Read(asked, A2AJson.Default.ListTaskPushNotificationConfigsRequest), hungUp), A2AJson.Default.ListTaskPushNotificationConfigsResponse),
            "DeleteTaskPushNotificationConfig" => () => DeletePushAsync(Read(asked, A2AJson.Default.DeleteTaskPushNotificationConfigRequest), hungUp),
            "GetExtendedAgentCard" => () => As(operations.Cards.ExtendedOrRefusedAsync(context.Request), A2AJson.Default.AgentCard),
            _ => null,
        };
    }

    /// <summary>Null when it does not stream, or there is none.</summary>
    public IAsyncEnumerable<StreamResponse>? Stream(string method, JsonElement? asked, Caller caller, CancellationToken hungUp) => method switch
    {
        "SendStreamingMessage" => operations.Tasks.StreamAsync(Read(asked, A2AJson.Default.SendMessageRequest), caller, hungUp),
        "SubscribeToTask" => operations.Tasks.SubscribeAsync(Read(asked, A2AJson.Default.SubscribeToTaskRequest), caller, hungUp),
        _ => null,
    };

    private async Task<JsonNode?> DeletePushAsync(DeleteTaskPushNotificationConfigRequest request, CancellationToken hungUp)
    {
        await operations.DeletePushAsync(request, hungUp);
        return new JsonObject();
    }

    private static async Task<JsonNode?> As<T>(Task<T> answer, JsonTypeInfo<T> type) => JsonSerializer.SerializeToNode(await answer, type);

    /// <summary>Parameters that are left out are an empty object: none of it is required.</summary>
    private static T Read<T>(JsonElement? asked, JsonTypeInfo<T> type)
        where T : class, IChecked => asked is { } json ? A2AReader.Read(json, type) : A2AReader.Read("{}"u8, type);
}
