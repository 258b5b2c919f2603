using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Inbox;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>What the MCP server works on.</summary>
/// <param name="AgentName">How the server calls itself to people.</param>
/// <param name="Version">The program's.</param>
public sealed record McpServices(
    string AgentName,
    string Version,
    TurnRunner Turns,
    ICheckpointStore Checkpoints,
    EventBus Events,
    TimeProvider Time,
    ILoggerFactory Loggers,
    IHostApplicationLifetime Lifetime)
{
    public required IJobDesk Desk { get; init; }

    public required InboxService Inbox { get; init; }

    public required SkillCatalog Skills { get; init; }

    public required WorkflowRunner Workflows { get; init; }

    public required KnowledgeService Knowledge { get; init; }

    public McpServerLimits Limits { get; init; } = new();

    /// <summary>Further tools, resources and prompts, beside the agent's own. Told once for each set of options that is made.</summary>
    public Action<McpServerOptions> Extend { get; init; } = _ => { };
}
