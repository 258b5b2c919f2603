using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Knowledge.Ingestion;
using ProtoAgent.Agent.Memory;
using ProtoAgent.Agent.Network;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Agent.Tools.Knowledge;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;

namespace ProtoAgent.Composition;

/// <summary>What the instance knows. The store is opened when it is first asked for: neither a start nor an idle instance pays for it.</summary>
internal sealed class KnowledgeParts : IAsyncDisposable
{
    private readonly FencedClient _web;

    public KnowledgeParts(InstanceConfiguration configuration, EventBus events, RunningInstance instance, TimeProvider time, ILoggerFactory loggers)
    {
        var (settings, paths) = (configuration.Settings, configuration.Paths);
        _web = new FencedClient(new NetworkFence(settings.Agent.Network), time);
        Web = new WebSource(_web, settings.Knowledge);
        var told = new KnowledgeEvents(events);
        Service = new KnowledgeService(paths, settings.Knowledge, time, loggers)
        {
            HotWritten = w => MemoryEvents.Tell(events, w), Written = told.Written, SourceWritten = told.SourceWritten,
        };
        Ingests = new IngestRunner(Service, events, instance.Record.ProcessId, instance.Registry.IsLive, time, loggers.CreateLogger<IngestRunner>());
        Tools = KnowledgeTools.For(Service, Ingests, Web, new Workspace(paths.Workspace), time, settings.Memory.Options.HotConfirm);
    }

    public KnowledgeService Service { get; }

    public IngestRunner Ingests { get; }

    public WebSource Web { get; }

    public IReadOnlyList<Tool> Tools { get; }

    /// <summary>Once the doors are open.</summary>
    public void Start() => Service.Examine();

    public IEnumerable<StandingWarning> Warnings() => Service.Warnings();

    public async ValueTask DisposeAsync()
    {
        await Ingests.DisposeAsync();
        await Service.DisposeAsync();
        _web.Dispose();
    }
}
