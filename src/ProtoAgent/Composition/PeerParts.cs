using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Network;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Protocols.A2A.Artifacts;
using ProtoAgent.Protocols.A2A.Client;
using ProtoAgent.Protocols.A2A.Push;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2APush;

namespace ProtoAgent.Composition;

/// <summary>What the instance gives other agents and they it, besides the protocol's server: work given away, notifications, results.</summary>
internal sealed class PeerParts : IAsyncDisposable
{
    private static readonly TimeSpan s_keep = TimeSpan.FromDays(30);

    private readonly LateStore<A2APushStore> _store;
    private readonly Peers _peers;
    private readonly ArtifactFiles _files;
    private readonly Retention _retention;

    /// <param name="stopping">The instance stops.</param>
    public PeerParts(InstanceConfiguration configuration, InstanceRecord instance, EventBus events, TimeProvider time, ILoggerFactory loggers, CancellationToken stopping)
    {
        var (paths, settings) = (configuration.Paths, configuration.Settings);
        _store = new LateStore<A2APushStore>("a2a_push", paths.A2APush, () => A2APushStore.OpenAsync(paths, time, loggers.CreateLogger<A2APushStore>()), s => s.Problem);
        Push = settings.A2A.Pushes ? new PushNotifications(_store, new NetworkFence(settings.Agent.Network), time, loggers.CreateLogger<PushNotifications>()) : null;
        _files = new ArtifactFiles(paths.Leaf("a2a-artifacts"), () => settings.Server.PublicUrl ?? new Uri(instance.Url), time);
        Results = new TaskResults(new OutgoingFiles(new Workspace(paths.Workspace)), _files);
        _peers = new Peers(settings.Peers.Peers, paths.Leaf("a2a-delegated"), settings.Peers.MaxHops, events, time, stopping);
        Tools = [.. _peers.Tools, .. Results.Tools];
        _retention = new Retention("push notification configs", s_keep, ForgetAsync, time, loggers.CreateLogger<Retention>());
    }

    /// <summary>Null where none are pushed; what was asked for before stays in its store.</summary>
    public PushNotifications? Push { get; }

    public TaskResults Results { get; }

    public IReadOnlyList<Tool> Tools { get; }

    /// <summary>What runs by itself, once the doors are open.</summary>
    public void Start()
    {
        Push?.Start();
        _peers.Start();
        _retention.Start();
    }

    public IEnumerable<StandingWarning> Warnings() =>
        [.. _store.Problem is { } problem ? [new StandingWarning(problem.Code, problem.Message, "Peers are not told of their tasks by web hooks until then; they can ask.")] : Array.Empty<StandingWarning>(), .. Push?.Warnings() ?? []];

    /// <summary>Once no turn runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _retention.DisposeAsync();
        if (Push is not null)
        {
            await Push.DisposeAsync();
        }

        await _store.DisposeAsync();
        _peers.Dispose();
    }

    private async Task<long> ForgetAsync(DateTimeOffset before, CancellationToken cancelled)
    {
        _files.Prune(s_keep);
        return _store.IsThere ? await (await _store.GetAsync()).DeleteBeforeAsync(before, cancelled) : 0;
    }
}
