using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Agent.Tools.Files;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2ATasks;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.A2A;

/// <summary>What the A2A server works on.</summary>
/// <param name="Turns">Asked late: the runner tells tasks of its turns before it is.</param>
public sealed record A2AServices(
    string AgentName,
    string Version,
    LateStore<A2ATaskStore> Store,
    Func<TurnRunner> Turns,
    ICheckpointStore Checkpoints,
    ModelCatalog Models,
    SkillCatalog Skills,
    A2AOptions Options,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>Where files of peers go; null for nowhere.</summary>
    public IncomingFiles? Files { get; init; }

    /// <summary>Where peers reach the agent; null: where they asked for the card.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Callers need a token: the card says so.</summary>
    public bool WantsToken { get; init; }
}
