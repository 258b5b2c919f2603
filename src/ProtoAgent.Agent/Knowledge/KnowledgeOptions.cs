using ProtoAgent.Agent.Models;

namespace ProtoAgent.Agent.Knowledge;

/// <summary>How the agent's knowledge is kept and found.</summary>
public sealed record KnowledgeOptions
{
    /// <summary>The model that makes vectors of texts, at an OpenAI-compatible endpoint; null searches by words alone.</summary>
    public ModelOptions? Embeddings { get; init; }

    /// <summary>Of vectors in memory while they are searched; beyond it each search reads them from the file. 0 to 64 GiB.</summary>
    public long VectorMemory { get; init; } = 512L << 20;

    /// <summary>The largest document taken in. 1 KiB to 1 GiB.</summary>
    public int MaxDocumentBytes { get; init; } = 32 << 20;

    /// <summary>How long what was deleted by its source can be restored, and what was replaced is kept. 0 to 36,500 days.</summary>
    public TimeSpan KeepDeleted { get; init; } = TimeSpan.FromDays(30);
}
