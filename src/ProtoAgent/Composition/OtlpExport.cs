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

    private readonly TracerProvider? _tracer;
    private readonly MeterProvider? _meter;

    private readonly TimeSpan _lastWords;

    private OtlpExport(ExportSettings settings, InstanceRecord instance, TimeSpan lastWords)
    {
        _lastWords = lastWords;
        var given = ExportSettings.ParseAttributes(settings.Attributes) ?? [];
        var resource = ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddAttributes([new("service.name", instance.AgentName), new("service.version", instance.Version)]).AddAttributes(given).AddAttributes(
        [
            .. settings.ServiceName is { } name ? [new("service.name", name)] : Array.Empty<KeyValuePair<string, object>>(),

            // Of the process, not of the root: two processes of one root would write over each other's series.
            new("service.instance.id", instance.ProcessId),
            new("protoagent.instance", instance.Instance ?? "-"),
        ]);
        var patience = (int)settings.Timeout.TotalMilliseconds;
        _tracer = settings.Traces is not { } traces ? null : Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(SamplerOf(settings))
            .AddSource(AgentTelemetry.Name)
            .AddProcessor(new BatchActivityExportProcessor(
                new OtlpTraceExporter(Options(settings, traces)), scheduledDelayMilliseconds: (int)s_spansEvery.TotalMilliseconds, exporterTimeoutMilliseconds: patience))
            .Build();
        _meter = settings.Metrics is not { } metrics ? null : Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(AgentTelemetry.Name)
            .AddReader(new PeriodicExportingMetricReader(new OtlpMetricExporter(Options(settings, metrics)), (int)s_metricsEvery.TotalMilliseconds, patience))
            .Build();
    }

    /// <summary>Null where nothing is to be sent. Connects to nobody yet, so a receiver that is away stops no start.</summary>
    /// <param name="lastWords">As <see cref="s_lastWords"/>, which is the default.</param>
    public static OtlpExport? Start(ExportSettings? settings, InstanceRecord instance, TimeSpan? lastWords = null) =>
        settings is null ? null : new OtlpExport(settings, instance, lastWords ?? s_lastWords);

    /// <summary>Sends what is left, for at most that time. Safe twice.</summary>
    public void Dispose()
    {
        // Side by side: a receiver that hangs must not take the time twice. On threads of their own: they block, and what connects needs the pool's.
        var milliseconds = (int)_lastWords.TotalMilliseconds;
        Thread[] last = [new(() => _tracer?.Shutdown(milliseconds)), new(() => _meter?.Shutdown(milliseconds))];
        Array.ForEach(last, t => t.Start());
        Array.ForEach(last, t => t.Join());
        _tracer?.Dispose();
        _meter?.Dispose();
    }

    private static Sampler SamplerOf(ExportSettings settings)
    {
        const string ByParent = "parentbased_";
        var name = settings.Sampler;
        Sampler own = name.Replace(ByParent, "", StringComparison.Ordinal) switch
        {
            "always_off" => new AlwaysOffSampler(),
            "traceidratio" => new TraceIdRatioBasedSampler(settings.SamplerRatio),
            _ => new AlwaysOnSampler(),
        };
        return name.StartsWith(ByParent, StringComparison.Ordinal) ? new ParentBasedSampler(own) : own;
    }

    private static OtlpExporterOptions Options(ExportSettings settings, Uri endpoint) => new()
    {
        Protocol = OtlpExportProtocol.HttpProtobuf,
        Endpoint = endpoint,
        Headers = settings.Headers,
        TimeoutMilliseconds = (int)settings.Timeout.TotalMilliseconds,
    };
}
