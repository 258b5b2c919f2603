using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace ProtoAgent.Protocols.Http;

public static class HttpPipeline
{
    /// <summary>What every request passes before it meets a route: errors, then where it comes from, then who sends it, then whether there is room, and what it is part of.</summary>
    public static void UseProtoAgentHttp(this IApplicationBuilder app, HttpOptions options, ILogger logger)
    {
        app.Use(next => new ErrorBoundary(options, logger, next).InvokeAsync);
        app.Use(next => new OriginGuard(options, next).InvokeAsync);
        app.Use(next => new BearerAuth(options, next).InvokeAsync);
        app.Use(next => new StreamLimit(options, next).InvokeAsync);
        app.Use(next => new CallerTrace(next).InvokeAsync);
    }
}
