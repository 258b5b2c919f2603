using Microsoft.AspNetCore.Http;

namespace ProtoAgent.Protocols.Http;

/// <summary>Bounds the streams that only end when their reader goes: each holds a connection, and what has not been read yet.</summary>
internal sealed class StreamLimit(HttpOptions options, RequestDelegate next)
{
    private int _open;

    public Task InvokeAsync(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method)
        && (EventTickets.IsFor(context.Request.Path)
            || context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
            ? CountedAsync(context)
            : next(context);

    private async Task CountedAsync(HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref _open) > options.MaxStreams)
            {
                throw new ApiException(
                    StatusCodes.Status503ServiceUnavailable, "too_many_streams",
                    $"{options.MaxStreams} streams of events are open, which is as many as this instance keeps (server.max_streams). Close one, or raise it.", retryAfter: TimeSpan.FromSeconds(5));
            }

            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
