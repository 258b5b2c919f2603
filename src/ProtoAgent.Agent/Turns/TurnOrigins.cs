namespace ProtoAgent.Agent.Turns;

/// <summary>Who asked for a turn, where it matters to the turn itself.</summary>
public static class TurnOrigins
{
    /// <summary>Another agent, by A2A; the turn's id is its task's.</summary>
    public const string Peer = "a2a";
}
