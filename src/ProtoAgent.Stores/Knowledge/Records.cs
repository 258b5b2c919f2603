namespace ProtoAgent.Stores.Knowledge;

/// <summary>How far what a chunk says is believed. Stored by number: a higher one is trusted more.</summary>
public enum ChunkTrust
{
    /// <summary>From outside: a page, a document nobody here wrote.</summary>
    External,

    /// <summary>The agent's own words.</summary>
    Agent,

    /// <summary>A person who runs this instance put it in.</summary>
    Operator,
}

/// <summary>Why a chunk is not found any more. Stored by name.</summary>
public enum Invalidation
{
    /// <summary>A revision took its place; it stays to be read.</summary>
    Superseded,

    /// <summary>Its source was ingested again and has it no more.</summary>
    Replaced,

    /// <summary>Its source was deleted; restoring brings it back.</summary>
    Deleted,

    /// <summary>The agent forgot it.</summary>
    Forgotten,
}

/// <param name="Content">1 to 32,768 characters.</param>
/// <param name="Heading">Where in its source it stands, or what it is about; empty for none.</param>
/// <param name="SourceType"><c>note</c>, <c>text</c>, <c>markdown</c>, <c>html</c>, <c>pdf</c>, <c>csv</c>, <c>json</c>.</param>
public sealed record NewChunk(string Content, ChunkTrust Trust, string Heading = "", string Namespace = "", string Domain = NewChunk.DefaultDomain, string? Source = null, string SourceType = "note")
{
    public const string DefaultDomain = "general";
}

/// <param name="Id">Never used again.</param>
public sealed record Chunk(
    long Id, string Content, string Heading, string Namespace, string Domain, string? Source, string SourceType, ChunkTrust Trust, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>Null while it is found.</summary>
    public DateTimeOffset? InvalidatedAt { get; init; }

    public Invalidation? Invalidation { get; init; }

    /// <summary>In the words of who made it invalid.</summary>
    public string? Reason { get; init; }

    /// <summary>The revision that took its place.</summary>
    public long? SupersededBy { get; init; }
}

/// <summary>What is looked at; null is anything.</summary>
/// <param name="Floor">Nothing that is trusted less.</param>
public sealed record ChunkFilter(string? Namespace = null, string? Domain = null, ChunkTrust Floor = ChunkTrust.External, string? Source = null)
{
    public static readonly ChunkFilter Any = new();
}

/// <summary>The answer to <see cref="KnowledgeStore.AddAsync"/>.</summary>
public abstract record ChunkAdd(Chunk Chunk)
{
    public sealed record Added(Chunk Chunk) : ChunkAdd(Chunk);

    /// <summary>What is there already says the same (token overlap of at least 0.85). Nothing was written.</summary>
    public sealed record Duplicate(Chunk Chunk) : ChunkAdd(Chunk);

    /// <summary>It took the place of an earlier version (token overlap of 0.6 to 0.85), or of the same words trusted less.</summary>
    public sealed record Revised(Chunk Chunk, Chunk Earlier) : ChunkAdd(Chunk);
}

/// <summary>Null leaves a field as it is.</summary>
public sealed record ChunkEdit(string? Content = null, string? Heading = null, string? Namespace = null, string? Domain = null, ChunkTrust? Trust = null);

/// <param name="Score">Higher is better; only to be compared within one answer.</param>
public sealed record ChunkHit(Chunk Chunk, double Score);

/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record ChunkPage(IReadOnlyList<Chunk> Items, string? Next);

/// <summary>A source as a whole.</summary>
/// <param name="Source">A file's path, a page's address, or the name it was given: what it is ingested again and deleted by.</param>
public sealed record Document(string Source, string Title, string SourceType, ChunkTrust Trust, string Namespace = "", string Domain = NewChunk.DefaultDomain);

/// <summary>A part of a document, in its order.</summary>
public sealed record Piece(string Heading, string Content)
{
    public byte[] Digest { get; } = KnowledgeDigest.Of(Heading, Content);
}

/// <summary>What ingesting a document did.</summary>
/// <param name="Unchanged">It was there already, the same in every piece.</param>
public sealed record DocumentChange(int Added, int Kept, int Removed, bool Unchanged);

/// <param name="DeletedAt">Null while it is found.</param>
public sealed record KnownDocument(Document Document, long Chunks, DateTimeOffset IngestedAt, DateTimeOffset? DeletedAt);

/// <param name="ByDomain">Valid chunks.</param>
/// <param name="Embedded">Valid chunks that have a vector of the model asked about.</param>
public sealed record KnowledgeStats(long Chunks, IReadOnlyDictionary<string, long> ByDomain, long Documents, long Superseded, long Embedded);
