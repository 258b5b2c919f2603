using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Commands;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Stores.Skills;

namespace ProtoAgent.Composition;

/// <summary>The skills of an instance: what is told of them, the tools and the slash commands.</summary>
internal sealed class SkillParts : IAsyncDisposable
{
    /// <param name="tools">Asked late: the skills' tools are among them.</param>
    public SkillParts(InstanceConfiguration configuration, Func<ToolCatalog> tools, EventBus events, TimeProvider time, ILoggerFactory loggers)
    {
        var (agent, paths) = (configuration.Settings.Agent, configuration.Paths);
        Catalog = new SkillCatalog(
            paths.Skills, paths.CommonsSkills, agent.Skills.Scope, () => SkillIndex.OpenAsync(paths, loggers.CreateLogger<SkillIndex>()), time, loggers.CreateLogger<SkillCatalog>());
        Files = new SkillFiles(Catalog) { Changed = new SkillEvents(events).Changed };
        Tools = SkillTools.For(Catalog, Files, tools);
        Context = new SkillContext(Catalog, agent.Skills, () => SkillTools.CanLoad(agent.Tools));
        Commands = new SkillCommands(Catalog);
    }

    public SkillCatalog Catalog { get; }

    public SkillFiles Files { get; }

    public IReadOnlyList<Tool> Tools { get; }

    public IContextProvider Context { get; }

    public ICommandSource Commands { get; }

    /// <summary>What runs by itself, once the doors are open.</summary>
    public void Start() => Catalog.Start();

    public IEnumerable<StandingWarning> Warnings() => Catalog.Warnings();

    public async ValueTask DisposeAsync()
    {
        await Catalog.DisposeAsync();
        Files.Dispose();
    }
}
