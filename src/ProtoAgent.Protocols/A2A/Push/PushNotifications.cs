using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Network;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2APush;

namespace ProtoAgent.Protocols.A2A.Push;

/// <summary>Tells peers of their tasks by web hooks.</summary>
public sealed class PushNotifications : IAsyncDisposable
{
    private readonly PushOutbox _outbox;
    private Func<string, Task<A2ATask?>>? _taskOf;

    /// <param name="fence">What receivers may be called.</param>
    public PushNotifications(LateStore<A2APushStore> store, NetworkFence fence, TimeProvider time, ILogger<PushNotifications> logger)
    {
        var services = new PushServices(store, fence, id => _taskOf?.Invoke(id) ?? Task.FromResult<A2ATask?>(null), time, logger);
        _outbox = new PushOutbox(services);
        Configs = new PushConfigs(services, _outbox);
    }

    internal IPushConfigs Configs { get; }

    /// <summary>What runs by itself, once the doors are open.</summary>
    public void Start() => _outbox.Start();

    /// <summary>Receivers that are not reached.</summary>
    public IEnumerable<StandingWarning> Warnings() => _outbox.Warnings();

    /// <summary>Before the store is closed.</summary>
    public ValueTask DisposeAsync() => _outbox.DisposeAsync();

    /// <param name="taskOf">A task as it stands; null if there is none. Before <see cref="Start"/>.</param>
    internal void Ask(Func<string, Task<A2ATask?>> taskOf) => _taskOf = taskOf;
}
