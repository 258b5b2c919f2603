namespace ProtoAgent.Agent.Turns;

/// <summary>The bounds of one turn.</summary>
public sealed record TurnOptions
{
    /// <summary>Model calls; at the last one no tools are offered. 1 to 1,000.</summary>
    public int MaxRounds { get; init; } = 25;

    /// <summary>Tokens in and out of all its model calls; 0 for no bound.</summary>
    public long MaxTokens { get; init; } = 2_000_000;

    /// <summary>Wall clock, without the time it waited for a person. 1 s to 24 h.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Of everything attached to one turn's messages, without their encoding. 0 to 256 MiB; 0 takes no files, only addresses.</summary>
    public long MaxAttachmentBytes { get; init; } = 8 << 20;

    /// <summary>What the next start does with a turn whose process died.</summary>
    public ResumePolicy Resume { get; init; } = ResumePolicy.Auto;
}

public enum ResumePolicy
{
    /// <summary>Resume what nobody waited for; mark interrupted what a waiting client started, for it has been told by its broken connection.</summary>
    Auto,

    Always,

    Never,
}
