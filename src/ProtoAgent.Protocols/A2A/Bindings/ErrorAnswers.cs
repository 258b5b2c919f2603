using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.A2A.Bindings;

/// <summary>Errors of HTTP+JSON (specification 11.6), and those from in front of the routes as either binding tells them.</summary>
internal static class ErrorAnswers
{
    public static JsonObject Of(A2AException error)
    {
        var told = new JsonObject { ["code"] = error.Kind.Status, ["status"] = error.Kind.StatusName, ["message"] = error.Message };
        if (ErrorDetails.Of(error) is { } details)
        {
            told["details"] = details;
        }

        return new JsonObject { ["error"] = told };
    }

    public static Task WriteAsync(HttpContext context, A2AException error) => JsonBodies.WriteAsync(context, Of(error), error.Kind.Status, JsonBodies.A2AJsonType);

    public static Task WriteAsync(HttpContext context, ApiException error) =>
        context.Request.Path.Equals(A2AServer.Prefix, StringComparison.Ordinal)
            ? JsonBodies.WriteAsync(context, RpcAnswer.Of(null, new A2AException(error.Status >= 500 ? ErrorKind.Internal : ErrorKind.InvalidRequest, error.Message)), error.Status, "application/json")
            : JsonBodies.WriteAsync(
                context,
                new JsonObject { ["error"] = new JsonObject { ["code"] = error.Status, ["status"] = NameOf(error.Status), ["message"] = error.Message } },
                error.Status,
                JsonBodies.A2AJsonType);

    private static string NameOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "UNAUTHENTICATED",
        StatusCodes.Status403Forbidden => "PERMISSION_DENIED",
        StatusCodes.Status404NotFound => "NOT_FOUND",
        StatusCodes.Status405MethodNotAllowed => "UNIMPLEMENTED",
        StatusCodes.Status409Conflict => "ABORTED",
        StatusCodes.Status413PayloadTooLarge => "OUT_OF_RANGE",
        StatusCodes.Status503ServiceUnavailable => "UNAVAILABLE",
        >= 500 => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };
}
