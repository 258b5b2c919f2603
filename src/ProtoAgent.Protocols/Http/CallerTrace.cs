using Microsoft.AspNetCore.Http;
using ProtoAgent.Agent.Records;

namespace ProtoAgent.Protocols.Http;

/// <summary>Which trace a request is part of, by its <c>traceparent</c> and <c>tracestate</c>. Malformed ones are ignored, as W3C Trace Context asks.</summary>
internal sealed class CallerTrace(RequestDelegate next)
{
    /// <summary>Asynchronous so that what is said here ends with the request: the next one comes on the same connection.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        // Two parents are none. Several states are one list.
        var headers = context.Request.Headers;
        if (headers.TraceParent is { Count: 1 } parent)
        {
            TraceContext.Caller = TraceContext.Parse(parent.ToString(), headers.TraceState.ToString());
        }

        await next(context);
    }
}
