using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Protocols.Mcp;

namespace ProtoAgent.Configuration;

/// <summary>Raw values into settings. Every problem is added to the list; the answer is only to be used if there is none.</summary>
internal sealed class SettingsBuilder(Layers layers)
{
    private readonly HashSet<string> _bad = new(StringComparer.Ordinal);

    public Settings? Build()
    {
        foreach (var key in layers.Keys.Where(k => k.Name != ConfigKeys.InstanceId))
        {
            if (layers[key.Name] is { IsNull: false } raw && ConfigValues.Problem(key, raw) is { } problem)
            {
                layers.Problems.Add(problem);
                _bad.Add(key.Name);
            }
        }

        RefuseOpenDoor();
        var models = new ModelSettingsBuilder(layers);
        if (Good("model.provider", "model.name"))
        {
            models.Refuse();
        }

        var agent = new AgentSettingsBuilder(layers);
        agent.Refuse();
        var knowledge = new KnowledgeSettingsBuilder(layers);
        knowledge.Refuse();
        RefuseBadHeaders();
        return layers.Problems.Count > 0
            ? null
            : new Settings(Server(), models.Build(), agent.Build(), new AuthSettings(Text("auth.token"), Text("auth.federation_token")), Records(), Logging())
            {
                Inbox = InboxSettings.Of(layers),
                Memory = MemorySettings.Of(layers),
                Scheduler = new SchedulerOptions
                {
                    Enabled = ConfigValues.Boolean(Text("scheduler.enabled")!) == true,
                    Exclusive = ConfigValues.Boolean(Text("scheduler.exclusive")!) == true,
                    Concurrency = (int)Number("scheduler.concurrency"),
                    Retention = TimeSpan.FromDays(Number("scheduler.retention_days")),
                },
                Workflows = Workflows(),
                Mcp = new McpServerLimits { MaxSessions = (int)Number("mcp.server.max_sessions"), Idle = TimeSpan.FromSeconds(Number("mcp.server.idle_seconds")) },
                Knowledge = knowledge.Build(models.Build()),
            };
    }

    private ServerSettings Server() => new(
        Text("server.host")!, (int)Number("server.port"), Url("server.public_url"), TimeSpan.FromSeconds(Number("server.shutdown_seconds")), Number("server.max_body_bytes"));

    private RecordSettings Records() => new(
        ConfigValues.Boolean(Text("audit.enabled")!) == true,
        Number("telemetry.retention_days") is > 0 and var days ? TimeSpan.FromDays(days) : null,
        Url("telemetry.otlp_endpoint") is { } endpoint ? new ExportSettings(endpoint, Text("telemetry.otlp_headers"), Text("telemetry.service_name")) : null);

    private WorkflowOptions Workflows() => new()
    {
        Concurrency = (int)Number("workflows.concurrency"),
        Retention = Number("workflows.retention_days") is > 0 and var days ? TimeSpan.FromDays(days) : null,
    };

    private LoggingSettings Logging() => new(
        Text("logging.level") switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.Information,
        },
        Text("logging.format") == "json" ? LogFormat.Json : LogFormat.Text);

    /// <summary>Said here without the value; the exporter would say it later, with it.</summary>
    private void RefuseBadHeaders()
    {
        if (Good("telemetry.otlp_headers") && Text("telemetry.otlp_headers") is { } headers
            && headers.Split(',').Any(h => h.IndexOf('=', StringComparison.Ordinal) is var equals && (equals < 1 || !h[..equals].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))))
        {
            layers.Problems.Add($"{layers["telemetry.otlp_headers"]!.Origin}: 'telemetry.otlp_headers' must be name=value, several separated by commas, like Authorization=Bearer%20abc.");
        }
    }

    /// <summary>Beyond loopback, whoever reaches the port would be the operator.</summary>
    private void RefuseOpenDoor()
    {
        if (Good("server.host", "server.allow_open", "auth.token") && !IsLoopback(Text("server.host")!) && Text("auth.token") is null
            && ConfigValues.Boolean(Text("server.allow_open")!) == false)
        {
            layers.Problems.Add(
                $"server.host {Text("server.host")} can be reached from other machines, and there is no token: everybody there could use this agent. "
                + "Set A2A_AUTH_TOKEN (or auth.token in secrets.yaml), listen on 127.0.0.1, or say PROTOAGENT_ALLOW_OPEN=1 if something in front of it asks for one.");
        }
    }

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private bool Good(params string[] keys) => !keys.Any(_bad.Contains);

    private string? Text(string key) => layers.Text(key);

    private long Number(string key) => layers.Number(key);

    private Uri? Url(string key) => Text(key) is { } text ? ConfigValues.Url(text) : null;
}
