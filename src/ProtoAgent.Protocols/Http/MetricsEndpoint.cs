using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ProtoAgent.Protocols.Http;

/// <summary><c>GET /metrics</c>. What is measured is the host's; who may read it is <see cref="LoopbackReaders"/>'.</summary>
public static class MetricsEndpoint
{
    /// <param name="scrape">Writes them.</param>
    public static void Map(IEndpointRouteBuilder routes, RequestDelegate scrape) => routes.MapGet(LoopbackReaders.Metrics, scrape)
        .Describe("What the instance measures, for Prometheus; on this machine itself without a token.")
        .Answers(StatusCodes.Status200OK, mediaType: "text/plain").Answers(StatusCodes.Status200OK, mediaType: "application/openmetrics-text");
}
