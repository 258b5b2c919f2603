namespace ProtoAgent.Protocols.Mcp;

/// <summary>How many sessions there may be, and for how long nobody need use one.</summary>
public sealed record McpServerLimits
{
    /// <summary>1 to 10,000. One more ends the one that was idle longest; when all are in use it is refused.</summary>
    public int MaxSessions { get; init; } = 100;

    /// <summary>A session without a request or an open stream for so long is over. 10 seconds to a day.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(30);
}
