using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ProtoAgent.Agent.Records;
using ProtoAgent.Configuration;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Composition;

/// <summary>
/// Sends spans and metrics to an OTLP receiver, over HTTP as protobuf. Everything is given here: the library's own look at the
/// environment would let one instance's variables decide for what another was configured with a file. While it is there the
/// process wakes up by itself (spans every 5 s, metrics every 60 s), which an instance without it never does.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    /// <summary>What the last spans and metrics get to go out when the instance stops, whether or not somebody takes them.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_spansEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_metricsEvery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly TracerProvider _tracer;
    private readonly MeterProvider _meter;

    private OtlpExport(ExportSettings settings, InstanceRecord instance)
    {
        var resource = ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddAttributes(
        [
            new("service.name", settings.ServiceName ?? instance.AgentName),
            new("service.version", instance.Version),
            // Of the process, not of the root: two processes of one root would write over each other's series.
            new("service.instance.id", instance.ProcessId),
            new("protoagent.instance", instance.Instance ?? "-"),
        ]);
        _tracer = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new AlwaysOnSampler())
            .AddSource(AgentTelemetry.Name)
            .AddProcessor(new BatchActivityExportProcessor(
                new OtlpTraceExporter(Options(settings, "v1/traces")), scheduledDelayMilliseconds: (int)s_spansEvery.TotalMilliseconds, exporterTimeoutMilliseconds: (int)s_timeout.TotalMilliseconds))
            .Build();
        _meter = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(AgentTelemetry.Name)
            .AddReader(new PeriodicExportingMetricReader(
                new OtlpMetricExporter(Options(settings, "v1/metrics")), (int)s_metricsEvery.TotalMilliseconds, (int)s_timeout.TotalMilliseconds))
            .Build();
    }

    /// <summary>Null where nothing is to be sent. Connects to nobody yet, so a receiver that is away stops no start.</summary>
    public static OtlpExport? Start(ExportSettings? settings, InstanceRecord instance) => settings is null ? null : new OtlpExport(settings, instance);

    /// <summary>Sends what is left, for at most 2 s. Safe twice.</summary>
    public void Dispose()
    {
        // Side by side: a receiver that hangs must not take the time twice.
        var milliseconds = (int)s_lastWords.TotalMilliseconds;
        Task.WaitAll(Task.Run(() => _tracer.Shutdown(milliseconds)), Task.Run(() => _meter.Shutdown(milliseconds)));
        _tracer.Dispose();
        _meter.Dispose();
    }

    private static OtlpExporterOptions Options(ExportSettings settings, string path) => new()
    {
        Protocol = OtlpExportProtocol.HttpProtobuf,
        Endpoint = new Uri($"{settings.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{path}"),
        Headers = settings.Headers,
        TimeoutMilliseconds = (int)s_timeout.TotalMilliseconds,
    };
}
