using System.Globalization;
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

        var server = new ServerSettingsBuilder(layers, _bad);
        server.Refuse();
        var models = new ModelSettingsBuilder(layers);
        if (Good("model.provider", "model.name"))
        {
            models.Refuse();
        }

        var agent = new AgentSettingsBuilder(layers);
        agent.Refuse();
        var knowledge = new KnowledgeSettingsBuilder(layers);
        knowledge.Refuse();
        var export = new ExportSettingsBuilder(layers);
        export.Refuse();
        PeerSettings.Refuse(layers);
        A2ASettings.Refuse(layers);
        return layers.Problems.Count > 0
            ? null
            : new Settings(server.Build(), models.Build(), agent.Build(), new AuthSettings(Text("auth.token"), Text("auth.federation_token")), Records(export), Logging())
            {
                Inbox = InboxSettings.Of(layers),
                Memory = MemorySettings.Of(layers),
                Peers = PeerSettings.Of(layers),
                Scheduler = new SchedulerOptions
                {
                    Enabled = ConfigValues.Boolean(Text("scheduler.enabled")!) == true,
                    Exclusive = ConfigValues.Boolean(Text("scheduler.exclusive")!) == true,
                    Concurrency = (int)Number("scheduler.concurrency"),
                    Retention = TimeSpan.FromDays(Number("scheduler.retention_days")),
                },
                Workflows = Workflows(),
                DetectPorts = models.DetectPorts(),
                A2A = A2ASettings.Of(layers),
                McpSessions = new McpServerLimits
                {
                    MaxSessions = (int)Number("mcp.server.max_sessions"), Idle = TimeSpan.FromSeconds(Number("mcp.server.idle_seconds")),
                },
                Knowledge = knowledge.Build(models.Build()),
            };
    }

    private RecordSettings Records(ExportSettingsBuilder export) => new(
        ConfigValues.Boolean(Text("audit.enabled")!) == true,
        Number("telemetry.retention_days") is > 0 and var days ? TimeSpan.FromDays(days) : null,
        export.Build());

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

    private bool Good(params string[] keys) => !keys.Any(_bad.Contains);

    private string? Text(string key) => layers.Text(key);

    private long Number(string key) => layers.Number(key);

    private Uri? Url(string key) => Text(key) is { } text ? ConfigValues.Url(text) : null;
}
