namespace ProtoAgent.Protocols.A2A;

/// <summary>How this agent serves its peers.</summary>
public sealed record A2AOptions
{
    /// <summary>Tasks that have not ended; a further one is rejected. 1 to 10,000.</summary>
    public int MaxActiveTasks { get; init; } = 100;

    /// <summary>The largest message, as JSON with its files; a larger one is rejected.</summary>
    public long MaxMessageBytes { get; init; } = 1_048_576;

    /// <summary>Tasks that ended are forgotten after so long; null keeps them.</summary>
    public TimeSpan? TaskRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Whether peers may have web hooks called of their tasks.</summary>
    public bool Pushes { get; init; } = true;

    /// <summary>Whether who came in with the federation token may approve calls, as the operator may. Questions it may answer always.</summary>
    public bool FederationApproves { get; init; }

    /// <summary>Of the card; null for one that says little.</summary>
    public string? Description { get; init; }

    /// <summary>Of the card: who runs the agent. Both or neither.</summary>
    public string? ProviderName { get; init; }

    public string? ProviderUrl { get; init; }

    public string? IconUrl { get; init; }

    public string? DocumentationUrl { get; init; }
}
