using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Network;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2APush;

namespace ProtoAgent.Protocols.A2A.Push;

/// <summary>What push notifications work with.</summary>
/// <param name="Fence">Asked when a receiver is named, and again by each connection to it.</param>
/// <param name="TaskOf">A task as it stands; null if there is none. For ends nobody here was told of.</param>
internal sealed record PushServices(LateStore<A2APushStore> Store, NetworkFence Fence, Func<string, Task<A2ATask?>> TaskOf, TimeProvider Time, ILogger Logger);
