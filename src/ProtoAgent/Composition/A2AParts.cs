using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.A2A;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2ATasks;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Composition;

/// <summary>The agent to its peers: the server of their tasks, and what is kept of those.</summary>
internal sealed class A2AParts : IAsyncDisposable
{
    private readonly LateStore<A2ATaskStore> _store;
    private readonly Retention? _retention;

    public A2AParts(
        InstanceConfiguration configuration, CheckpointStore checkpoints, Func<TurnRunner> turns, ModelCatalog models, SkillCatalog skills, PeerParts peers, TimeProvider time, ILoggerFactory loggers)
    {
        var (paths, settings) = (configuration.Paths, configuration.Settings);
        _store = new LateStore<A2ATaskStore>("a2a_tasks", paths.A2ATasks, () => A2ATaskStore.OpenAsync(paths, time, loggers.CreateLogger<A2ATaskStore>()), s => s.Problem);
        Server = new A2AServer(
            new A2AServices(paths.AgentName.Value, Product.Version, _store, turns, checkpoints, models, skills, settings.A2A, time, loggers.CreateLogger<A2AServer>())
            {
                Files = new IncomingFiles(new Workspace(paths.Workspace)),
                PublicUrl = settings.Server.PublicUrl,
                WantsToken = (settings.Auth.Token ?? settings.Auth.FederationToken) is not null,
            },
            peers.Push, peers.Results);
        if (settings.A2A.TaskRetention is { } keep)
        {
            _retention = new Retention("tasks of peers", keep, ForgetAsync, time, loggers.CreateLogger<Retention>());
        }
    }

    public A2AServer Server { get; }

    /// <summary>Goes on with the tasks that were left, once the doors are open.</summary>
    public void Start()
    {
        _ = Server.GoOnAsync();
        _retention?.Start();
    }

    public IEnumerable<StandingWarning> Warnings() =>
        _store.Problem is { } problem ? [new StandingWarning(problem.Code, problem.Message, "Peers' tasks are not served until then; everything else is.")] : [];

    /// <summary>Once no turn runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Server.Close();
        if (_retention is not null)
        {
            await _retention.DisposeAsync();
        }

        await _store.DisposeAsync();
    }

    private async Task<long> ForgetAsync(DateTimeOffset before, CancellationToken cancelled) =>
        _store.IsThere ? await (await _store.GetAsync()).DeleteBeforeAsync(before, cancelled) : 0;
}
