using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2ATasks;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>What tasks work with.</summary>
/// <param name="Turns">Asked late: the runner tells tasks of its turns before it is.</param>
internal sealed record TaskServices(LateStore<A2ATaskStore> Store, Func<TurnRunner> Turns, ICheckpointStore Checkpoints, A2AOptions Options, TimeProvider Time, ILogger Logger)
{
    /// <summary>Told of what peers want to be told elsewhere; null when that is not to be had.</summary>
    public IPushConfigs? Push { get; init; }
}
