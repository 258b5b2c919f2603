using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Memory;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Network;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Protocols.Mcp;

namespace ProtoAgent.Configuration;

/// <summary>The settings as the program uses them: typed, checked, immutable.</summary>
public sealed record Settings(ServerSettings Server, ModelOptions Model, AgentSettings Agent, AuthSettings Auth, RecordSettings Records, LoggingSettings Logging)
{
    public required InboxSettings Inbox { get; init; }

    public required SchedulerOptions Scheduler { get; init; }

    public WorkflowOptions Workflows { get; init; } = new();

    public KnowledgeOptions Knowledge { get; init; } = new();

    public McpServerLimits Mcp { get; init; } = new();

    public MemorySettings Memory { get; init; } = new(new MemoryOptions(), null, null);
}

/// <param name="WebSearch">A SearXNG-style endpoint; null for no web search.</param>
/// <param name="ThreadRetention">Threads not touched for so long are deleted; null keeps them.</param>
public sealed record AgentSettings(
    TurnOptions Turns,
    ContextOptions Context,
    ToolOptions Tools,
    NetworkOptions Network,
    Uri? WebSearch,
    int SubagentConcurrency,
    IReadOnlyList<SubagentOptions> Subagents,
    IReadOnlyList<McpServerOptions> McpServers,
    TimeSpan? ThreadRetention)
{
    public SkillOptions Skills { get; init; } = new();
}

/// <param name="Shutdown">What running turns get to finish when the instance is stopped.</param>
public sealed record ServerSettings(string Host, int Port, Uri? PublicUrl, TimeSpan Shutdown, long MaxBodyBytes);

/// <summary>Secrets. Null where none is set.</summary>
public sealed record AuthSettings(string? Token, string? FederationToken)
{
    public override string ToString() => $"AuthSettings {{ Token = {(Token is null ? "none" : "set")}, FederationToken = {(FederationToken is null ? "none" : "set")} }}";
}

/// <summary>What is written down, and where it is sent.</summary>
/// <param name="TelemetryRetention">What turns took is forgotten after so long; null keeps it.</param>
/// <param name="Export">Null: nothing is sent anywhere.</param>
public sealed record RecordSettings(bool Audit, TimeSpan? TelemetryRetention, ExportSettings? Export);

/// <param name="Endpoint">Of an OTLP receiver; the signals' paths come behind it.</param>
/// <param name="Headers">Secret. <c>name=value</c>, separated by commas, values as in a URL; null for none.</param>
/// <param name="ServiceName">Null for the agent's name.</param>
public sealed record ExportSettings(Uri Endpoint, string? Headers, string? ServiceName)
{
    public override string ToString() => $"ExportSettings {{ Endpoint = {Endpoint}, Headers = {(Headers is null ? "none" : "set")}, ServiceName = {ServiceName} }}";
}

public enum LogFormat
{
    Text,
    Json,
}

public sealed record LoggingSettings(LogLevel Level, LogFormat Format);
