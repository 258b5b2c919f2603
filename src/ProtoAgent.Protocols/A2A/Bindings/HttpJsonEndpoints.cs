using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.A2A.Bindings;

/// <summary>/a2a/v1: HTTP+JSON (specification 11), in 1.0.</summary>
internal sealed class HttpJsonEndpoints(Operations operations, A2AServices services)
{
    private const string Version = "1.0";

    public static void Map(IEndpointRouteBuilder routes, Operations operations, A2AServices services)
    {
        var its = new HttpJsonEndpoints(operations, services);
        var group = routes.MapGroup($"{A2AServer.Prefix}/v1");
        group.MapPost("/message:send", its.Guarded(its.SendAsync));
        group.MapPost("/message:stream", its.Guarded(its.StreamAsync));
        group.MapGet("/tasks", its.Guarded(its.ListAsync));
        group.MapGet("/tasks/{id}", its.Guarded(its.GetAsync));
        group.MapPost("/tasks/{id}:cancel", its.Guarded(its.CancelAsync));

        // The definition says GET and the text POST (specification 5.3).
        group.MapGet("/tasks/{id}:subscribe", its.Guarded(its.SubscribeAsync));
        group.MapPost("/tasks/{id}:subscribe", its.Guarded(its.SubscribeAsync));
        group.MapPost("/tasks/{id}/pushNotificationConfigs", its.Guarded(its.CreatePushAsync));
        group.MapGet("/tasks/{id}/pushNotificationConfigs", its.Guarded(its.ListPushesAsync));
        group.MapGet("/tasks/{id}/pushNotificationConfigs/{config}", its.Guarded(its.GetPushAsync));
        group.MapDelete("/tasks/{id}/pushNotificationConfigs/{config}", its.Guarded(its.DeletePushAsync));
        group.MapGet("/extendedAgentCard", its.Guarded(its.CardAsync));
    }

    private async Task SendAsync(HttpContext context)
    {
        var request = await JsonBodies.ReadAsync(context, A2AJson.Default.SendMessageRequest);
        await WriteAsync(context, await operations.Tasks.SendAsync(request, Negotiation.Caller(context, services.Options), context.RequestAborted), A2AJson.Default.SendMessageResponse);
    }

    private async Task StreamAsync(HttpContext context)
    {
        var request = await JsonBodies.ReadAsync(context, A2AJson.Default.SendMessageRequest);
        await StreamAsync(context, operations.Tasks.StreamAsync(request, Negotiation.Caller(context, services.Options), context.RequestAborted));
    }

    private async Task GetAsync(HttpContext context) =>
        await WriteAsync(context, await operations.Tasks.GetAsync(TaskQuery.Get(context, Id(context)), context.RequestAborted), A2AJson.Default.A2ATask);

    private async Task ListAsync(HttpContext context) =>
        await WriteAsync(context, await operations.Tasks.ListAsync(TaskQuery.List(context), context.RequestAborted), A2AJson.Default.ListTasksResponse);

    private async Task CancelAsync(HttpContext context) =>
        await WriteAsync(context, await operations.Tasks.CancelAsync(new CancelTaskRequest { Id = Id(context) }, context.RequestAborted), A2AJson.Default.A2ATask);

    private Task SubscribeAsync(HttpContext context) =>
        StreamAsync(context, operations.Tasks.SubscribeAsync(new SubscribeToTaskRequest { Id = Id(context) }, Negotiation.Caller(context, services.Options), context.RequestAborted));

    private async Task CreatePushAsync(HttpContext context)
    {
        _ = operations.Push();
        var config = await JsonBodies.ReadAsync(context, A2AJson.Default.TaskPushNotificationConfig);
        if (config.TaskId is { } other && other != Id(context))
        {
            throw A2AReader.Invalid([new Violation("taskId", "Is another task than the path's. Leave it out.")]);
        }

        await WriteAsync(context, await operations.CreatePushAsync(config with { TaskId = Id(context) }, context.RequestAborted), A2AJson.Default.TaskPushNotificationConfig);
    }

    private async Task ListPushesAsync(HttpContext context) => await WriteAsync(
        context, await operations.ListPushesAsync(TaskQuery.ListPushes(context, Id(context)), context.RequestAborted), A2AJson.Default.ListTaskPushNotificationConfigsResponse);

    private async Task GetPushAsync(HttpContext context) => await WriteAsync(
        context,
        await operations.GetPushAsync(new GetTaskPushNotificationConfigRequest { TaskId = Id(context), Id = RouteSegment.Of(context, "config") }, context.RequestAborted),
        A2AJson.Default.TaskPushNotificationConfig);

    private async Task DeletePushAsync(HttpContext context)
    {
        await operations.DeletePushAsync(new DeleteTaskPushNotificationConfigRequest { TaskId = Id(context), Id = RouteSegment.Of(context, "config") }, context.RequestAborted);
        await JsonBodies.WriteAsync(context, new JsonObject(), StatusCodes.Status200OK, JsonBodies.A2AJsonType);
    }

    private async Task CardAsync(HttpContext context) => await WriteAsync(context, await operations.Cards.ExtendedOrRefusedAsync(context.Request), A2AJson.Default.AgentCard);

    private Task StreamAsync(HttpContext context, IAsyncEnumerable<StreamResponse> updates) => UpdateStream.WriteAsync(
        context,
        updates,
        update => JsonSerializer.SerializeToNode(update, A2AJson.Default.StreamResponse)!,
        error => $"event: error\ndata: {ErrorAnswers.Of(ErrorDetails.Known(error) ?? new A2AException(ErrorKind.Internal, "Something went wrong inside the instance. Its log says what.")).ToJsonString()}\n\n",
        services.Time);

    /// <summary>Errors of the protocol in its shape; what is none passes on to whoever logs it.</summary>
    private RequestDelegate Guarded(RequestDelegate handler) => async context =>
    {
        try
        {
            if (Negotiation.Version(context) is { } version && version != Version)
            {
                throw Negotiation.NotSupported(version, Version);
            }

            await handler(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested && ErrorDetails.Known(e) is { } known)
        {
            await ErrorAnswers.WriteAsync(context, known);
        }
    };

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;

    private static Task WriteAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> type) =>
        JsonReply.WriteAsync(context, answer, type, contentType: JsonBodies.A2AJsonType);
}
