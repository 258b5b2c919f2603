using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Configuration;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Composition;

/// <summary>The agent of an instance: its models, its tools, what stands before a conversation, and the runner of its turns.</summary>
internal sealed class AgentParts : IAsyncDisposable
{
    private readonly ThreadRetention? _retention;
    private readonly ToolParts _tools;

    public AgentParts(InstanceConfiguration configuration, CheckpointStore checkpoints, string runner, TimeProvider time, ILoggerFactory loggers)
    {
        var agent = configuration.Settings.Agent;
        Models = new ModelCatalog(configuration.Settings.Model, time);
        _tools = new ToolParts(configuration, () => Turns!, time, loggers);
        Turns = new TurnRunner(new TurnServices(checkpoints, Models, runner, time, loggers.CreateLogger<TurnRunner>())
        {
            Options = agent.Turns,
            Context = agent.Context,
            ContextProviders = [new Persona(configuration.Paths.Leaf("SOUL.md"), configuration.Paths.AgentName.Value, loggers.CreateLogger<Persona>())],
            Tools = _tools.Catalog,
            Subagents = agent.Subagents,
            KeepLongResult = _tools.KeepAsync,
        });
        _retention = agent.ThreadRetention is { } keep ? new ThreadRetention(checkpoints, keep, time, loggers.CreateLogger<ThreadRetention>()) : null;
    }

    public ModelCatalog Models { get; }

    public TurnRunner Turns { get; }

    public McpServers Mcp => _tools.Mcp;

    /// <summary>What runs by itself, once the doors are open.</summary>
    public void Start()
    {
        _tools.Start();
        _retention?.Start();
    }

    public async ValueTask DisposeAsync()
    {
        if (_retention is not null)
        {
            await _retention.DisposeAsync();
        }

        Turns.Dispose();
        await _tools.DisposeAsync();
        Models.Dispose();
    }
}
