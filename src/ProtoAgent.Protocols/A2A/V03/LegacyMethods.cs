using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Protocols.A2A.Bindings;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Tasks;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.V03;

/// <summary>The methods of 0.3 over JSON-RPC, as translations of those of 1.0.</summary>
internal sealed class LegacyMethods(Operations operations)
{
    /// <summary>Whether 0.3 has that method.</summary>
    public static bool Knows(string method) => method is
        "message/send" or "message/stream" or "tasks/get" or "tasks/cancel" or "tasks/resubscribe" or "agent/getAuthenticatedExtendedCard"
        or "tasks/pushNotificationConfig/set" or "tasks/pushNotificationConfig/get" or "tasks/pushNotificationConfig/list" or "tasks/pushNotificationConfig/delete";

    /// <summary>Null when it streams, or there is none.</summary>
    public Func<Task<JsonNode?>>? Answer(string method, JsonElement? asked, Caller caller, HttpContext context)
    {
        var hungUp = context.RequestAborted;
        return method switch
        {
            "message/send" => () => SendAsync(Read(LegacyRequests.Send(Object(asked)), A2AJson.Default.SendMessageRequest), caller, hungUp),
            "tasks/get" => () => As(operations.Tasks.GetAsync(Read(Object(asked), A2AJson.Default.GetTaskRequest), hungUp), LegacyAnswers.Of),
            "tasks/cancel" => () => As(operations.Tasks.CancelAsync(Read(Object(asked), A2AJson.Default.CancelTaskRequest), hungUp), LegacyAnswers.Of),
            "agent/getAuthenticatedExtendedCard" => () => CardAsync(context),
            "tasks/pushNotificationConfig/set" => () => As(operations.CreatePushAsync(Read(LegacyRequests.SetPush(Object(asked)), A2AJson.Default.TaskPushNotificationConfig), hungUp), LegacyAnswers.Of),
            "tasks/pushNotificationConfig/get" => () => GetPushAsync(Object(asked), hungUp),
            "tasks/pushNotificationConfig/list" => () => ListPushesAsync(Object(asked), hungUp),
            "tasks/pushNotificationConfig/delete" => () => DeletePushAsync(Object(asked), hungUp),
            _ => null,
        };
    }

    /// <summary>Null when it does not stream, or there is none.</summary>
    public IAsyncEnumerable<StreamResponse>? Stream(string method, JsonElement? asked, Caller caller, CancellationToken hungUp) => method switch
    {
        "message/stream" => operations.Tasks.StreamAsync(Read(LegacyRequests.Send(Object(asked)), A2AJson.Default.SendMessageRequest), caller, hungUp),
        "tasks/resubscribe" => operations.Tasks.SubscribeAsync(Read(Object(asked), A2AJson.Default.SubscribeToTaskRequest), caller, hungUp),
        _ => null,
    };

    private async Task<JsonNode?> SendAsync(SendMessageRequest request, Caller caller, CancellationToken hungUp) => LegacyAnswers.Of(await operations.Tasks.SendAsync(request, caller, hungUp));

    private async Task<JsonNode?> CardAsync(HttpContext context) => LegacyCard.Beside(await operations.Cards.ExtendedOrRefusedAsync(context.Request));

    /// <summary>0.3 lets the config's id out where there is one alone.</summary>
    private async Task<JsonNode?> GetPushAsync(JsonObject asked, CancellationToken hungUp)
    {
        if (asked["pushNotificationConfigId"] is not null)
        {
            return LegacyAnswers.Of(await operations.GetPushAsync(Read(LegacyRequests.OfPush(asked), A2AJson.Default.GetTaskPushNotificationConfigRequest), hungUp));
        }

        var request = Read(LegacyRequests.OfPush(asked), A2AJson.Default.ListTaskPushNotificationConfigsRequest);
        return (await operations.ListPushesAsync(request, hungUp)).Configs is [var first, ..]
            ? LegacyAnswers.Of(first)
            : throw new A2AException(ErrorKind.TaskNotFound, $"The task '{request.TaskId}' has no push notification config.") { Metadata = A2AException.Task(request.TaskId) };
    }

    private async Task<JsonNode?> ListPushesAsync(JsonObject asked, CancellationToken hungUp)
    {
        var listed = await operations.ListPushesAsync(Read(LegacyRequests.OfPush(asked), A2AJson.Default.ListTaskPushNotificationConfigsRequest), hungUp);
        return new JsonArray([.. (listed.Configs ?? []).Select(LegacyAnswers.Of)]);
    }

    private async Task<JsonNode?> DeletePushAsync(JsonObject asked, CancellationToken hungUp)
    {
        await operations.DeletePushAsync(Read(LegacyRequests.OfPush(asked), A2AJson.Default.DeleteTaskPushNotificationConfigRequest), hungUp);
        return null;
    }

    private static async Task<JsonNode?> As<T>(Task<T> answer, Func<T, JsonNode> translate) => translate(await answer);

    private static JsonObject Object(JsonElement? asked) => asked is { ValueKind: JsonValueKind.Object } json
        ? JsonObject.Create(json)!
        : throw A2AReader.Invalid([new Violation("", "The parameters must be an object.")]);

    private static T Read<T>(JsonNode? json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class, IChecked => A2AReader.Read(JsonElement.Parse(json?.ToJsonString() ?? "null"), type);
}
