using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Memory;

/// <summary>What of conversations is remembered, and how much of it is put before the next ones.</summary>
public sealed record MemoryOptions
{
    /// <summary>False: no summaries, no facts, nothing put before a conversation.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether a model takes facts from a session that is over.</summary>
    public bool ExtractFacts { get; init; } = true;

    /// <summary>The model that does; null for the default.</summary>
    public string? Model { get; init; }

    /// <summary>A session without a turn for so long is over. 1 min to 24 h.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long an incognito conversation can be gone on with after its last turn. 0 to 24 h.</summary>
    public TimeSpan IncognitoIdle { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>What the agent itself would put before every conversation needs an operator.</summary>
    public bool HotConfirm { get; init; }

    /// <summary>Of all that is put before a conversation, at four characters a token; 0 puts nothing. At most 100,000.</summary>
    public int InjectTokens { get; init; } = 2_500;

    /// <summary>Of that, for hot facts.</summary>
    public int HotTokens { get; init; } = 800;

    /// <summary>For what is known that fits the message.</summary>
    public int HitTokens { get; init; } = 1_200;

    /// <summary>For the last sessions.</summary>
    public int DigestTokens { get; init; } = 600;

    /// <summary>How many of the best matches. 0 to 20.</summary>
    public int Hits { get; init; } = 5;

    /// <summary>How many of the last sessions. 0 to 50.</summary>
    public int DigestSessions { get; init; } = 10;

    /// <summary>Where matches come from; empty for everywhere. <c>-</c> is what has no namespace.</summary>
    public IReadOnlyList<string> InjectNamespaces { get; init; } = [];

    /// <summary>Nothing that is trusted less is put before a conversation.</summary>
    public ChunkTrust InjectFloor { get; init; } = ChunkTrust.External;
}
