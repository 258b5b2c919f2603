namespace ProtoAgent.Configuration;

/// <summary>The export's part of the settings.</summary>
internal sealed class ExportSettingsBuilder(Layers layers)
{
    private const string Headers = "telemetry.otlp_headers";
    private const string Attributes = "telemetry.resource_attributes";

    /// <summary>What single values can't show.</summary>
    public void Refuse()
    {
        // Said here without the value; the exporter would say it later, with it.
        if (layers.Text(Headers) is { } headers
            && headers.Split(',').Any(h => h.IndexOf('=', StringComparison.Ordinal) is var equals && (equals < 1 || !h[..equals].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))))
        {
            layers.Problems.Add($"{layers[Headers]!.Origin}: '{Headers}' must be name=value, several separated by commas, like Authorization=Bearer%20abc.");
        }

        if (ExportSettings.ParseAttributes(layers.Text(Attributes)) is null)
        {
            layers.Problems.Add($"{layers[Attributes]!.Origin}: '{Attributes}' must be name=value, several separated by commas, like deployment.environment.name=test.");
        }
    }

    /// <summary>Null: nothing is sent anywhere.</summary>
    public ExportSettings? Build()
    {
        var settings = new ExportSettings(Url("telemetry.otlp_endpoint"), layers.Text(Headers), layers.Text("telemetry.service_name"))
        {
            Traces = Url("telemetry.otlp_traces_endpoint"),
            Metrics = Url("telemetry.otlp_metrics_endpoint"),
            ExportsTraces = layers.Text("telemetry.traces_exporter") == "otlp",
            ExportsMetrics = layers.Text("telemetry.metrics_exporter") == "otlp",
            Timeout = TimeSpan.FromMilliseconds(layers.Number("telemetry.otlp_timeout_ms")),
            Sampler = layers.Text("telemetry.traces_sampler")!,
            SamplerRatio = (double)ConfigValues.Decimal(layers.Text("telemetry.traces_sampler_arg")!)!,
            Attributes = layers.Text(Attributes),
        };
        return ConfigValues.Boolean(layers.Text("telemetry.disabled")!) == true || (settings.Traces is null && settings.Metrics is null) ? null : settings;
    }

    private Uri? Url(string key) => layers.Text(key) is { } text ? ConfigValues.Url(text) : null;
}
