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
        group.MapPost("/message:send", Guarded(its.SendAsync))
            .Describe("A message to the agent: a task, or one more of a task's (A2A).", A2AJson.Default.SendMessageRequest, needs: "message").Answers(StatusCodes.Status200OK, A2AJson.Default.SendMessageResponse, JsonBodies.A2AJsonType).Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);
        group.MapPost("/message:stream", Guarded(its.StreamAsync))
            .Describe("The same, with what follows as server-sent events (A2A).", A2AJson.Default.SendMessageRequest, needs: "message").Answers(StatusCodes.Status200OK, A2AJson.Default.StreamResponse, "text/event-stream").Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);
        group.MapGet("/tasks", Guarded(its.ListAsync))
            .Describe("The tasks of peers, the latest first (A2A).").Answers(StatusCodes.Status200OK, A2AJson.Default.ListTasksResponse, JsonBodies.A2AJsonType).Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType)
            .With(ApiParameter.Text("contextId", "Of this context."), ApiParameter.Text("status", "In this state."), ApiParameter.Text("statusTimestampAfter", "Changed since."), ApiParameter.Number("pageSize", 1, 100, "How many at most; 50 if left out."),
                ApiParameter.Text("pageToken", "The nextPageToken of the page before."), ApiParameter.Number("historyLength", 0, int.MaxValue, "Messages of each."), ApiParameter.Flag("includeArtifacts", "With what they came to."));
        group.MapGet("/tasks/{id}", Guarded(its.GetAsync))
            .Describe("How a task stands (A2A).").Answers(StatusCodes.Status200OK, A2AJson.Default.A2ATask, JsonBodies.A2AJsonType).Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType).With(ApiParameter.Number("historyLength", 0, int.MaxValue, "Messages of it."));
        group.MapPost("/tasks/{id}:cancel", Guarded(its.CancelAsync))
            .Describe("Ends a task (A2A).").Answers(StatusCodes.Status200OK, A2AJson.Default.A2ATask, JsonBodies.A2AJsonType).Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);

        // The definition says GET and the text POST (specification 5.3).
        group.MapGet("/tasks/{id}:subscribe", Guarded(its.SubscribeAsync))
            .Describe("A task as it stands and then as it goes, as server-sent events (A2A).").Answers(StatusCodes.Status200OK, A2AJson.Default.StreamResponse, "text/event-stream").Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);
        group.MapPost("/tasks/{id}:subscribe", Guarded(its.SubscribeAsync))
            .Describe("The same (A2A).").Answers(StatusCodes.Status200OK, A2AJson.Default.StreamResponse, "text/event-stream").Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);
        group.MapPost("/tasks/{id}/pushNotificationConfigs", Guarded(its.CreatePushAsync))
            .Describe("Tells a web hook of a task (A2A).", A2AJson.Default.TaskPushNotificationConfig, needs: "url").Answers(StatusCodes.Status200OK, A2AJson.Default.TaskPushNotificationConfig, JsonBodies.A2AJsonType).Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);
        group.MapGet("/tasks/{id}/pushNotificationConfigs", Guarded(its.ListPushesAsync))
            .Describe("The web hooks told of a task (A2A).").Answers(StatusCodes.Status200OK, A2AJson.Default.ListTaskPushNotificationConfigsResponse, JsonBodies.A2AJsonType).Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);
        group.MapGet("/tasks/{id}/pushNotificationConfigs/{config}", Guarded(its.GetPushAsync))
            .Describe("One of them (A2A).").Answers(StatusCodes.Status200OK, A2AJson.Default.TaskPushNotificationConfig, JsonBodies.A2AJsonType).Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);
        group.MapDelete("/tasks/{id}/pushNotificationConfigs/{config}", Guarded(its.DeletePushAsync))
            .Describe("Tells it no more (A2A).").Answers(StatusCodes.Status200OK, ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType).Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);
        group.MapGet("/extendedAgentCard", Guarded(its.CardAsync))
            .Describe("The card for who has a token: its tools and models too (A2A).").Answers(StatusCodes.Status200OK, A2AJson.Default.AgentCard, JsonBodies.A2AJsonType).Fails(ProblemJson.Default.JsonObject, JsonBodies.A2AJsonType);
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
    private static RequestDelegate Guarded(RequestDelegate handler) => async context =>
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
