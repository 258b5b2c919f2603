using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Memory;

namespace ProtoAgent.Protocols.Operator;

/// <summary>What the routes of the memory stand on.</summary>
public sealed record MemoryDoor(SessionMemory Sessions, FactHarvest Facts, InjectionLog Injections, KnowledgeService Knowledge)
{
    /// <summary>All that is remembered of a session, and of what its turns were told. False if nothing was remembered.</summary>
    public async Task<bool> ForgetAsync(string sessionId)
    {
        var forgotten = await Sessions.ForgetAsync(sessionId);
        await Injections.ForgetAsync(sessionId);
        return forgotten;
    }
}
