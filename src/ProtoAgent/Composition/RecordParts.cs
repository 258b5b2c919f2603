using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Records;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Audit;
using ProtoAgent.Stores.Telemetry;

namespace ProtoAgent.Composition;

/// <summary>What is written down of turns, and where it is sent. An instance whose records are in trouble still serves.</summary>
internal sealed class RecordParts : IAsyncDisposable
{
    private readonly Redactor _redactor;
    private readonly AuditLog? _audit;
    private readonly TelemetryStore? _telemetry;
    private readonly StoreException? _closed;
    private readonly Retention? _retention;
    private readonly OtlpExport? _export;

    private RecordParts(InstanceConfiguration configuration, InstanceRecord instance, TelemetryStore? telemetry, StoreException? closed, TimeProvider time, ILoggerFactory loggers)
    {
        var settings = configuration.Settings.Records;
        _redactor = new Redactor(ConfiguredSecrets.Of(configuration.Settings));
        _telemetry = telemetry;
        _closed = closed;
        if (settings.Audit)
        {
            _audit = new AuditLog(configuration.Paths, _redactor.Redact, time, loggers.CreateLogger<AuditLog>());
        }

        if (telemetry is not null && settings.TelemetryRetention is { } keep)
        {
            _retention = new Retention("rows of telemetry", keep, telemetry.DeleteBeforeAsync, time, loggers.CreateLogger<Retention>());
        }

        _export = OtlpExport.Start(settings.Export, instance);
        Recorder = new TurnRecorder(_audit, telemetry, loggers.CreateLogger<TurnRecorder>());
    }

    public TurnRecorder Recorder { get; }

    /// <summary>Values that are secret from now on, besides those there are.</summary>
    public void KnowSecrets(IReadOnlyList<string> secrets) => _redactor.Know(secrets);

    /// <summary>Null when none is kept.</summary>
    public AuditLog? Audit => _audit;

    /// <exception cref="StoreException">It could not be opened.</exception>
    public TelemetryStore Telemetry => _telemetry ?? throw _closed!;

    public static async Task<RecordParts> OpenAsync(InstanceConfiguration configuration, InstanceRecord instance, TimeProvider time, ILoggerFactory loggers)
    {
        var (telemetry, closed) = ((TelemetryStore?)null, (StoreException?)null);
        try
        {
            telemetry = await TelemetryStore.OpenAsync(configuration.Paths, loggers.CreateLogger<TelemetryStore>());
        }
        catch (StoreException e)
        {
            closed = e;
        }

        return new RecordParts(configuration, instance, telemetry, closed, time, loggers);
    }

    /// <summary>What runs by itself, once the doors are open.</summary>
    public void Start() => _retention?.Start();

    public IEnumerable<StandingWarning> Warnings()
    {
        foreach (var problem in new[] { _closed, _telemetry?.Problem, _audit?.Problem }.OfType<StoreException>())
        {
            yield return new StandingWarning(problem.Code, problem.Message, $"Turns go on; the store '{problem.Store}' misses what they did until then.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_retention is not null)
        {
            await _retention.DisposeAsync();
        }

        await Recorder.FlushAsync();
        _export?.Dispose();
        if (_audit is not null)
        {
            await _audit.DisposeAsync();
        }

        if (_telemetry is not null)
        {
            await _telemetry.DisposeAsync();
        }
    }
}
