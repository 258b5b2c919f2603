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
using ProtoAgent.Protocols.A2A;
using ProtoAgent.Protocols.Mcp;

namespace ProtoAgent.Configuration;

/// <summary>The settings as the program uses them: typed, checked, immutable.</summary>
public sealed record Settings(ServerSettings Server, ModelOptions Model, AgentSettings Agent, AuthSettings Auth, RecordSettings Records, LoggingSettings Logging)
{
    public required InboxSettings Inbox { get; init; }

    public required SchedulerOptions Scheduler { get; init; }

    public WorkflowOptions Workflows { get; init; } = new();

    public A2AOptions A2A { get; init; } = new();

    /// <summary>Of the sessions MCP clients have here.</summary>
    public McpServerLimits McpSessions { get; init; } = new();

    /// <summary>Of loopback: where model servers are looked for when somebody asks.</summary>
    public IReadOnlyList<int> DetectPorts { get; init; } = [];

    public KnowledgeOptions Knowledge { get; init; } = new();

    public PeerSettings Peers { get; init; } = new([], 3);

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

/// <summary>Secrets. Null where none is set.</summary>
public sealed record AuthSettings(string? Token, string? FederationToken)
{
    public override string ToString() => $"AuthSettings {{ Token = {(Token is null ? "none" : "set")}, FederationToken = {(FederationToken is null ? "none" : "set")} }}";
}

/// <summary>What is written down, and where it is sent.</summary>
/// <param name="TelemetryRetention">What turns took is forgotten after so long; null keeps it.</param>
/// <param name="Export">Null: nothing is sent anywhere.</param>
public sealed record RecordSettings(bool Audit, TimeSpan? TelemetryRetention, ExportSettings? Export);

public enum LogFormat
{
    Text,
    Json,
}

public sealed record LoggingSettings(LogLevel Level, LogFormat Format);
