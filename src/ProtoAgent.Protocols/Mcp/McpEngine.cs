using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>
/// The SDK's server, made at the first request: an instance nobody talks MCP to has none of it. It lives in a container of its own,
/// because the SDK's would start a service with the instance that looks for idle sessions every five seconds, for good. Here
/// <see cref="McpSessions"/> sees to them, and nothing wakes while there are none.
/// </summary>
internal sealed class McpEngine
{
    private readonly McpServices _services;
    private readonly Lazy<Parts> _parts;

    public McpEngine(McpServices services)
    {
        _services = services;
        _parts = new Lazy<Parts>(Make);
    }

    /// <exception cref="ApiException">415: the SDK takes another media type for a defect.</exception>
    public Task PostAsync(HttpContext context) => context.Request.HasJsonContentType() && MediaTypeHeaderValue.Parse(context.Request.ContentType!) is { Charset: var charset } && (charset.Length == 0 || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        ? _parts.Value.Sessions.ServeAsync(context, _parts.Value.Post)
        : throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Send the message as JSON, with 'Content-Type: application/json'.");

    public Task GetAsync(HttpContext context) => _parts.Value.Sessions.ServeAsync(context, _parts.Value.Get);

    public Task DeleteAsync(HttpContext context) => _parts.Value.Sessions.DeleteAsync(context, _parts.Value.Delete);

    private Parts Make()
    {
        var sessions = new McpSessions(_services);
        var catalog = new McpCatalog(_services, sessions);
        var container = new ServiceCollection();
        container.AddSingleton(_services.Loggers);
        container.AddLogging();
        container.AddSingleton(_services.Lifetime);
        container.AddRoutingCore();
        container.AddMcpServer(catalog.Describe).WithHttpTransport(http =>
        {
            // Those who begin with 'initialize' get a session; the revisions that have none are served request by request.
            http.SessionMode = HttpServerSessionMode.StatefulForInitializeClients;
            http.IdleTimeout = Timeout.InfiniteTimeSpan;
            http.MaxIdleSessionCount = int.MaxValue;
            http.RunSessionHandler = sessions.RunAsync;
            http.EventStreamStore = sessions.Streams;
        });
        var routes = new OwnRoutes(container.BuildServiceProvider());
        routes.MapMcp();
        var delegates = routes.DataSources.SelectMany(s => s.Endpoints).ToDictionary(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0], e => e.RequestDelegate!);
        var parts = new Parts(sessions, delegates[HttpMethods.Post], delegates[HttpMethods.Get], delegates[HttpMethods.Delete]);
        sessions.EndsBy(parts.Delete);
        return parts;
    }

    private sealed record Parts(McpSessions Sessions, RequestDelegate Post, RequestDelegate Get, RequestDelegate Delete);

    /// <summary>Where the SDK puts its endpoints; ours lead to them.</summary>
    private sealed class OwnRoutes(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}
