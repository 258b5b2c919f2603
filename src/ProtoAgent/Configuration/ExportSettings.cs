namespace ProtoAgent.Configuration;

/// <summary>Where spans and metrics go, as OpenTelemetry's variables have it.</summary>
/// <param name="Endpoint">Of an OTLP receiver; the signals' paths come behind it. Null where each signal has its own, or goes nowhere.</param>
/// <param name="Headers">Secret. <c>name=value</c>, separated by commas, values as in a URL; null for none.</param>
/// <param name="ServiceName">Null for the agent's name.</param>
public sealed record ExportSettings(Uri? Endpoint, string? Headers, string? ServiceName)
{
    private readonly Uri? _traces;
    private readonly Uri? _metrics;

    /// <summary>Where spans are posted, as it is; null: nowhere.</summary>
    public Uri? Traces
    {
        get => ExportsTraces ? _traces ?? Below("v1/traces") : null;
        init => _traces = value;
    }

    /// <summary>Where metrics are posted, as it is; null: nowhere.</summary>
    public Uri? Metrics
    {
        get => ExportsMetrics ? _metrics ?? Below("v1/metrics") : null;
        init => _metrics = value;
    }

    public bool ExportsTraces { get; init; } = true;

    public bool ExportsMetrics { get; init; } = true;

    /// <summary>For one export.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>As <c>OTEL_TRACES_SAMPLER</c> names it.</summary>
    public string Sampler { get; init; } = "parentbased_always_on";

    /// <summary>The share of traces a sampler by ratio keeps, 0 to 1.</summary>
    public double SamplerRatio { get; init; } = 1;

    /// <summary><c>name=value</c>, separated by commas, values as in a URL; null for none. Put on everything that is sent.</summary>
    public string? Attributes { get; init; }

    /// <summary>Null if it is no such list.</summary>
    public static IReadOnlyList<KeyValuePair<string, object>>? ParseAttributes(string? text)
    {
        var attributes = new List<KeyValuePair<string, object>>();
        foreach (var pair in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var equals))
            {
                return null;
            }

            attributes.Add(new(Uri.UnescapeDataString(pair[..equals].Trim()), Uri.UnescapeDataString(pair[(equals + 1)..].Trim())));
        }

        return attributes;
    }

    public override string ToString() => $"ExportSettings {{ Traces = {Traces}, Metrics = {Metrics}, Headers = {(Headers is null ? "none" : "set")}, ServiceName = {ServiceName} }}";

    private Uri? Below(string path) => Endpoint is null ? null : new Uri($"{Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{path}");
}
