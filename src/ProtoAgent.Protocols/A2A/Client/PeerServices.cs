using ProtoAgent.Agent.Events;

namespace ProtoAgent.Protocols.A2A.Client;

/// <summary>What delegating works with.</summary>
/// <param name="MaxHops">How often a piece of work may be passed on, this time counted.</param>
/// <param name="Stopping">The instance stops: tasks at peers are not cancelled then, the next start asks for them.</param>
internal sealed record PeerServices(DelegationNotes Notes, EventBus Events, int MaxHops, TimeProvider Time, CancellationToken Stopping);
