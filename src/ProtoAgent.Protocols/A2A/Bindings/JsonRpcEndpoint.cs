using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Tasks;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Protocols.A2A.V03;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.A2A.Bindings;

/// <summary>POST /a2a: JSON-RPC 2.0, one request or a batch, in 1.0 and in 0.3.</summary>
internal sealed partial class JsonRpcEndpoint(Operations operations, A2AServices services)
{
    private const string Current = "1.0";
    private const string Legacy = "0.3";

    private readonly RpcMethods _methods = new(operations);
    private readonly LegacyMethods _legacy = new(operations);

    public static void Map(IEndpointRouteBuilder routes, Operations operations, A2AServices services) =>
        routes.MapPost(A2AServer.Prefix, (RequestDelegate)new JsonRpcEndpoint(operations, services).HandleAsync)
            .Describe("A2A by JSON-RPC 2.0, one request or several, in 1.0 and in 0.3.", notes: "Errors are JSON-RPC's, with status 200.")
            .Takes("application/json").Answers(StatusCodes.Status200OK, ProblemJson.Default.JsonObject).Answers(StatusCodes.Status200OK, mediaType: "text/event-stream").Answers(StatusCodes.Status204NoContent);

    private async Task HandleAsync(HttpContext context)
    {
        JsonBodies.RefuseOthers(context);
        JsonDocument body;
        try
        {
            body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException e)
        {
            await WriteAsync(context, RpcAnswer.Of(null, new A2AException(ErrorKind.Parse, $"The body is not valid JSON: {e.Message}")));
            return;
        }

        using (body)
        {
            await (body.RootElement.ValueKind == JsonValueKind.Array ? BatchAsync(context, body.RootElement) : OneAsync(context, body.RootElement));
        }
    }

    private async Task OneAsync(HttpContext context, JsonElement json)
    {
        var id = RpcRequest.IdOf(json);
        JsonObject? answer;
        try
        {
            var (request, isLegacy) = Negotiated(context, json);
            var caller = Negotiation.Caller(context, services.Options);
            if (!request.IsNotification && (isLegacy ? _legacy.Stream(request.Method, request.Params, caller, context.RequestAborted) : _methods.Stream(request.Method, request.Params, caller, context.RequestAborted)) is { } updates)
            {
                await UpdateStream.WriteAsync(
                    context,
                    updates,
                    update => RpcAnswer.Of(id, isLegacy ? LegacyAnswers.Of(update) : JsonSerializer.SerializeToNode(update, A2AJson.Default.StreamResponse)),
                    error => $"data: {RpcAnswer.Of(id, Told(error)).ToJsonString()}\n\n",
                    services.Time);
                return;
            }

            answer = await AnswerAsync(context, request, isLegacy, caller, id);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && e is not BadHttpRequestException)
        {
            answer = RpcAnswer.Of(id, Told(e));
        }

        await WriteAsync(context, answer);
    }

    private async Task BatchAsync(HttpContext context, JsonElement batch)
    {
        if (batch.GetArrayLength() == 0)
        {
            await WriteAsync(context, RpcAnswer.Of(null, new A2AException(ErrorKind.InvalidRequest, "That batch is empty.")));
            return;
        }

        var answers = new JsonArray();
        foreach (var json in batch.EnumerateArray())
        {
            JsonObject? answer;
            try
            {
                var (request, isLegacy) = Negotiated(context, json);
                answer = await AnswerAsync(context, request, isLegacy, Negotiation.Caller(context, services.Options), RpcRequest.IdOf(json));
            }
            catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
            {
                answer = RpcAnswer.Of(RpcRequest.IdOf(json), Told(e));
            }

            if (answer is not null)
            {
                answers.Add((JsonNode)answer);
            }
        }

        await WriteAsync(context, answers.Count > 0 ? answers : null);
    }

    /// <summary>Null for a notification, whatever comes of it.</summary>
    private async Task<JsonObject?> AnswerAsync(HttpContext context, RpcRequest request, bool isLegacy, Caller caller, JsonNode? id)
    {
        try
        {
            var answer = isLegacy ? _legacy.Answer(request.Method, request.Params, caller, context) : _methods.Answer(request.Method, request.Params, caller, context);
            var result = await (answer ?? throw new A2AException(ErrorKind.InvalidRequest, $"'{request.Method}' answers with a stream: it must have an id and can't be part of a batch."))();
            return request.IsNotification ? null : RpcAnswer.Of(id, result);
        }
        catch (Exception e) when (request.IsNotification && !context.RequestAborted.IsCancellationRequested)
        {
            _ = Told(e);
            return null;
        }
    }

    /// <summary>The request, and whether it speaks 0.3. One that does not say is told by its method: no name is in both.</summary>
    private static (RpcRequest Request, bool IsLegacy) Negotiated(HttpContext context, JsonElement json)
    {
        var request = RpcRequest.Read(json);
        var version = Negotiation.Version(context);
        var (current, legacy) = (RpcMethods.Names.Contains(request.Method), LegacyMethods.Knows(request.Method));
        return version switch
        {
            null when current || legacy => (request, legacy),
            Current when current => (request, false),
            Legacy when legacy => (request, true),
            Current or Legacy or null => throw new A2AException(
                ErrorKind.MethodNotFound,
                current || legacy
                    ? $"'{request.Method}' is a method of A2A {(current ? Current : Legacy)}, and the request says it speaks {version}."
                    : $"There is no method '{request.Method}'. There is: {string.Join(", ", RpcMethods.Names)}."),
            _ => throw Negotiation.NotSupported(version, Current, Legacy),
        };
    }

    /// <summary>What a peer may know; the rest goes to the log.</summary>
    private A2AException Told(Exception e)
    {
        if (ErrorDetails.Known(e) is { } known)
        {
            if (known.Kind.Status >= StatusCodes.Status500InternalServerError)
            {
                LogFailed(services.Logger, null, known.Message);
            }

            return known;
        }

        LogFailed(services.Logger, e, e.Message);
        return new A2AException(ErrorKind.Internal, "Something went wrong inside the instance. Its log says what.");
    }

    private static async Task WriteAsync(HttpContext context, JsonNode? answer)
    {
        if (answer is null)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await JsonBodies.WriteAsync(context, answer, StatusCodes.Status200OK, "application/json");
    }

    [LoggerMessage(EventName = "a2a_request_failed", Level = LogLevel.Error, Message = "a request of a peer failed: {Reason}")]
    private static partial void LogFailed(ILogger log, Exception? e, string reason);
}
