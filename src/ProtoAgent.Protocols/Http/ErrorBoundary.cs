using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Http;

/// <summary>Turns whatever happened into an error a peer may see; the details go to the log.</summary>
internal sealed partial class ErrorBoundary(HttpOptions options, ILogger logger, RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        SecurityHeaders.Apply(context, options);
        try
        {
            await next(context);
            if (!context.Response.HasStarted && Unrouted(context) is { } unrouted)
            {
                await options.WriteErrorAsync(context, unrouted);
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller hung up; there is nobody to tell.
        }
        catch (Exception e)
        {
            var error = Translate(e);
            if (error.Status >= StatusCodes.Status500InternalServerError)
            {
                LogFailed(logger, error.Status == StatusCodes.Status500InternalServerError ? e : null, context.Request.Method, context.Request.Path, error.Status, error.Message);
            }

            if (context.Response.HasStarted)
            {
                // Half an answer is out: cutting the connection is the only honest end.
                context.Abort();
                return;
            }

            context.Response.Headers.Remove("Content-Length");
            await options.WriteErrorAsync(context, error);
        }
    }

    private static ApiException Translate(Exception e) => e switch
    {
        ApiException api => api,
        TurnRejectedException rejected => new ApiException(
            rejected.Code switch
            {
                "model_not_found" => StatusCodes.Status404NotFound,
                "attachment_too_large" => StatusCodes.Status413PayloadTooLarge,
                "turn_elsewhere" => StatusCodes.Status409Conflict,
                "shutting_down" => StatusCodes.Status503ServiceUnavailable,
                _ => StatusCodes.Status400BadRequest,
            },
            rejected.Code,
            rejected.Message),
        StoreException store => new ApiException(StatusCodes.Status503ServiceUnavailable, store.Code, $"The store '{store.Store}' is unavailable: {store.Message}"),
        StaleStepException stale => new ApiException(StatusCodes.Status409Conflict, "thread_conflict", stale.Message),
        ThreadBusyException busy => new ApiException(StatusCodes.Status409Conflict, "thread_busy", busy.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new ApiException(
            StatusCodes.Status413PayloadTooLarge, "too_large", "The body is larger than this instance takes (server.max_body_bytes)."),
        // Kestrel's word for a chunk whose size is no number it can hold; all else that is wrong with chunks it says as above.
        IOException { InnerException: OverflowException } => new ApiException(StatusCodes.Status400BadRequest, "bad_request", "The body's chunks say sizes that can't be."),
        BadHttpRequestException bad => new ApiException(bad.StatusCode, "bad_request", bad.Message),
        _ => new ApiException(StatusCodes.Status500InternalServerError, "internal", "Something went wrong inside the instance. Its log says what."),
    };

    private static ApiException? Unrouted(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new ApiException(StatusCodes.Status404NotFound, "not_found", $"There is nothing at {context.Request.Path}."),
        StatusCodes.Status405MethodNotAllowed => new ApiException(
            StatusCodes.Status405MethodNotAllowed, "method_not_allowed", $"{context.Request.Method} is not something {context.Request.Path} takes; it takes {context.Response.Headers.Allow}."),
        _ => null,
    };

    [LoggerMessage(EventName = "request_failed", Level = LogLevel.Error, Message = "{Method} {Path} answered {Status}: {Reason}")]
    private static partial void LogFailed(ILogger log, Exception? e, string method, string path, int status, string reason);
}
