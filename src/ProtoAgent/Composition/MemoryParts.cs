using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Memory;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Memory;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Memory;

namespace ProtoAgent.Composition;

/// <summary>What the instance remembers of its conversations. Nothing is opened before a turn needs it; in trouble, turns go on without.</summary>
internal sealed class MemoryParts : IAsyncDisposable
{
    private readonly LateStore<InjectionStore> _injections;
    private readonly IncognitoThreads _incognito;
    private readonly List<Retention> _retentions = [];

    public MemoryParts(InstanceConfiguration configuration, ICheckpointStore checkpoints, KnowledgeService knowledge, ModelCatalog models, TimeProvider time, ILoggerFactory loggers)
    {
        var (paths, settings) = (configuration.Paths, configuration.Settings.Memory);
        _injections = new LateStore<InjectionStore>("memory_injections", paths.MemoryInjections, () => InjectionStore.OpenAsync(paths, loggers.CreateLogger<InjectionStore>()), s => s.Problem);
        Sessions = new SessionMemory(new SessionFiles(paths, time, loggers.CreateLogger<SessionFiles>()), checkpoints, settings.Options, time, loggers.CreateLogger<SessionMemory>());
        Facts = new FactHarvest(Sessions, checkpoints, knowledge, models, settings.Options, time, loggers.CreateLogger<FactHarvest>());
        Injections = new InjectionLog(_injections, loggers.CreateLogger<InjectionLog>());
        Context = new MemoryContext(Sessions, knowledge, Injections, settings.Options, time, loggers.CreateLogger<MemoryContext>());
        Tools = settings.Options.Enabled ? [new RecallSessionTool(Sessions)] : [];
        _incognito = new IncognitoThreads(checkpoints, settings.Options, time, loggers.CreateLogger<IncognitoThreads>());
        Keep("summaries of sessions", settings.SessionRetention, Sessions.DeleteBeforeAsync);
        Keep("records of what was remembered", settings.InjectionRetention, async (before, cancelled) => _injections.IsThere ? await (await _injections.GetAsync()).DeleteBeforeAsync(before, cancelled) : 0);

        void Keep(string what, TimeSpan? keep, Func<DateTimeOffset, CancellationToken, Task<long>> delete)
        {
            if (keep is { } span)
            {
                _retentions.Add(new Retention(what, span, delete, time, loggers.CreateLogger<Retention>()));
            }
        }
    }

    public SessionMemory Sessions { get; }

    public FactHarvest Facts { get; }

    public InjectionLog Injections { get; }

    public MemoryContext Context { get; }

    public IReadOnlyList<Tool> Tools { get; }

    /// <summary>Told of each turn's end.</summary>
    public void TurnEnded(TurnEnded turn)
    {
        Context.TurnEnded(turn);
        Sessions.TurnEnded(turn);
        _incognito.TurnEnded(turn);
    }

    /// <summary>What runs by itself, once the doors are open.</summary>
    public void Start()
    {
        _incognito.Start();
        _retentions.ForEach(r => r.Start());
    }

    public IEnumerable<StandingWarning> Warnings()
    {
        foreach (var (problem, without) in new[] { (Sessions.Problem, "Turns go on; what is said meanwhile is summarised when it can be written again."), (_injections.Problem, "Turns go on; what they are told of the memory is not written down until then.") })
        {
            if (problem is not null)
            {
                yield return new StandingWarning(problem.Code, problem.Message, without);
            }
        }
    }

    /// <summary>Once no turn runs any more, and before the knowledge, the models and the threads are closed.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var retention in _retentions)
        {
            await retention.DisposeAsync();
        }

        await Facts.DisposeAsync();
        await Sessions.DisposeAsync();
        await Injections.FlushAsync();
        await _injections.DisposeAsync();
        await _incognito.DisposeAsync();
    }
}
