using ProtoAgent.Configuration;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Configuration;

public sealed class RecordSettingsTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Load_Nothing_AuditsKeepsNinetyDaysAndSendsNothing()
    {
        Load().Settings.Records.ShouldBe(new RecordSettings(true, TimeSpan.FromDays(90), null));
        ConfiguredSecrets.Of(Load().Settings).ShouldBeEmpty();
    }

    [Fact]
    public void Load_Variables_AreWhatOthersCallThemToo()
    {
        var configuration = Load(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"), ("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20hidden-token,x-tenant=tenant-1"),
            ("OTEL_SERVICE_NAME", "bob"), ("PROTOAGENT_AUDIT__ENABLED", "no"), ("PROTOAGENT_TELEMETRY__RETENTION_DAYS", "0"));
        var records = configuration.Settings.Records;
        records.Audit.ShouldBeFalse();
        records.TelemetryRetention.ShouldBeNull();
        records.Export.ShouldBe(new ExportSettings(new Uri("http://127.0.0.1:4318"), "Authorization=Bearer%20hidden-token,x-tenant=tenant-1", "bob"));
        configuration.Settings.ToString().ShouldNotContain("hidden-token");
        configuration.Entries.ShouldAllBe(e => e.Value == null || !e.Value.Contains("hidden-token"));
        ConfiguredSecrets.Of(configuration.Settings).ShouldBe(["hidden-token", "Bearer hidden-token", "tenant-1"]);
    }

    [Theory]
    [InlineData("hidden-value")]
    [InlineData("=hidden-value")]
    [InlineData("a=1,,b=hidden-value")]
    [InlineData("a:b=hidden-value")]
    public void Load_HeadersThatAreNone_RefusedWithoutTheValue(string headers)
    {
        var refused = Should.Throw<ConfigurationRefusedException>(() => Load(("OTEL_EXPORTER_OTLP_HEADERS", headers)));
        refused.Message.ShouldContain("OTEL_EXPORTER_OTLP_HEADERS: 'telemetry.otlp_headers' must be name=value");
        refused.Message.ShouldNotContain("hidden-value");
    }

    [Fact]
    public void Load_VariablesOfASignal_AreTakenAsTheyAre()
    {
        var export = Load(
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1/spans"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"), ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.25"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=a%20b,team=x"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")).Settings.Records.Export!;
        (export.Traces, export.Metrics).ShouldBe((new Uri("http://127.0.0.1:1/spans"), null));
        (export.Timeout, export.Sampler, export.SamplerRatio).ShouldBe((TimeSpan.FromSeconds(2.5), "parentbased_traceidratio", 0.25));
        ExportSettings.ParseAttributes(export.Attributes).ShouldBe([new("deployment.environment.name", "a b"), new("team", "x")]);
        export = Load(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1/base/"), ("OTEL_METRICS_EXPORTER", "none")).Settings.Records.Export!;
        (export.Traces, export.Metrics).ShouldBe((new Uri("http://127.0.0.1:1/base/v1/traces"), null));
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_TRACES_EXPORTER", "none")]
    public void Load_SwitchedOff_SendsNothing(string name, string value) =>
        Load(("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1/x"), (name, value)).Settings.Records.Export.ShouldBeNull();

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "one of http/protobuf")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "a whole number from 1 to 600000")]
    [InlineData("OTEL_TRACES_SAMPLER", "xray", "one of always_on")]
    [InlineData("OTEL_TRACES_SAMPLER_ARG", "2", "a number from 0 to 1")]
    [InlineData("OTEL_METRICS_EXPORTER", "prometheus", "one of otlp, none")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES", "team", "must be name=value")]
    public void Load_VariableThatCantBeHonoured_Refused(string name, string value, string expected) =>
        Should.Throw<ConfigurationRefusedException>(() => Load((name, value))).Message.ShouldSatisfyAllConditions(m => m.ShouldContain(name), m => m.ShouldContain(expected));

    [Fact]
    public void Secrets_OfAllKinds_AreNamed()
    {
        var file = Path.Combine(_temp.Path, "config.yaml");
        File.WriteAllText(
            file,
            """
            mcp:
              servers:
                a:
                  command: x
                  env: {GITHUB_TOKEN: "${FROM_OUTSIDE}", LANG: C.UTF-8}
                b:
                  url: http://127.0.0.1:1/mcp
                  headers: {Authorization: Bearer abc-def, Accept: text/html}
            """);
        var secrets = ConfiguredSecrets.Of(Load(
            ("PROTOAGENT_CONFIG", file), ("FROM_OUTSIDE", "outside-value"), ("A2A_AUTH_TOKEN", "auth-value"), ("A2A_FEDERATION_TOKEN", "federation-value"), ("OPENAI_API_KEY", "key-value"),
            ("PROTOAGENT_MODEL", "m")).Settings);
        secrets.ShouldBe(["auth-value", "federation-value", "key-value", "outside-value", "abc-def", "Bearer abc-def"], ignoreOrder: true);
    }

    private InstanceConfiguration Load(params (string Name, string Value)[] environment) => InstanceConfiguration.Load(
        new ConfigSources(environment.ToDictionary(e => e.Name, e => e.Value), _temp.Path, Path.Combine(_temp.Path, "home"), null, new Dictionary<string, string>()));
}
