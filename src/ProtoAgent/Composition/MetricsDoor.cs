using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using ProtoAgent.Agent.Records;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Composition;

/// <summary>
/// <c>GET /metrics</c>, in Prometheus' text or OpenMetrics, as the scraper asks. Nothing is measured until it is asked for the first time:
/// an instance nobody scrapes pays nothing, and what is counted by turn and request counts from then on, as after a restart.
/// </summary>
internal sealed class MetricsDoor(IServiceProvider services, InstanceRecord instance, Func<InstanceGauges> gauges) : IDisposable
{
    /// <summary>Series of one instrument, beyond which they are counted together: room for the memory they may take.</summary>
    private const int MostSeries = 500;

    private const string HttpMeter = "Microsoft.AspNetCore.Hosting";
    private const string RuntimeMeter = "System.Runtime";

    private readonly Lock _gate = new();
    private (MeterProvider Provider, InstanceGauges Gauges, RequestDelegate Write)? _open;
    private bool _isClosed;

    public void Map(IEndpointRouteBuilder routes) => MetricsEndpoint.Map(routes, ScrapeAsync);

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _open?.Provider.Dispose();
            _open?.Gauges.Dispose();
            _open = null;
        }
    }

    private async Task ScrapeAsync(HttpContext context)
    {
        var (_, measured, write) = Open();
        await measured.RefreshAsync(context.RequestAborted);
        await write(context);
    }

    private (MeterProvider Provider, InstanceGauges Gauges, RequestDelegate Write) Open()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                throw new ApiException(StatusCodes.Status503ServiceUnavailable, "shutting_down", "The instance is stopping and measures nothing any more.");
            }

            return _open ??= Build();
        }
    }

    private (MeterProvider Provider, InstanceGauges Gauges, RequestDelegate Write) Build()
    {
        var measured = gauges();
        var provider = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddAttributes(
            [
                new("instance", instance.Instance ?? "-"), new("agent", instance.AgentName), new("service.name", instance.AgentName), new("service.version", instance.Version),
            ]))
            .AddMeter(AgentTelemetry.Name, InstanceGauges.Name, HttpMeter, RuntimeMeter)
            .AddView(instrument => View(instrument.Meter.Name, instrument.Name))
            .AddPrometheusExporter(prometheus =>
            {
                prometheus.ResourceConstantLabels = attribute => attribute is "instance" or "agent";
                prometheus.ScopeInfoEnabled = false;
                prometheus.ScrapeResponseCacheDurationMilliseconds = 0;
            })
            .Build();
        var branch = new ApplicationBuilder(services);
        branch.UseOpenTelemetryPrometheusScrapingEndpoint(provider, _ => true, path: null, configureBranchedPipeline: null, optionsName: null);
        return (provider, measured, branch.Build());
    }

    /// <summary>Of requests the route, never the path, which anybody can make up; of the runtime what a native program has.</summary>
    private static MetricStreamConfiguration View(string meter, string instrument) => (meter, instrument) switch
    {
        (HttpMeter, "http.server.request.duration") => new() { CardinalityLimit = MostSeries, TagKeys = ["http.request.method", "http.route", "http.response.status_code"] },
        (HttpMeter, "http.server.active_requests") => new() { CardinalityLimit = MostSeries, TagKeys = ["http.request.method"] },
        (RuntimeMeter, _) when instrument.StartsWith("dotnet.jit.", StringComparison.Ordinal) || instrument is "dotnet.assembly.count" or "dotnet.timer.count" => MetricStreamConfiguration.Drop,
        _ => new() { CardinalityLimit = MostSeries },
    };
}
