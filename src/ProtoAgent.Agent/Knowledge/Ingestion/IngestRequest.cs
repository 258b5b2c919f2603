using ProtoAgent.Agent.Knowledge.Reading;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge.Ingestion;

/// <summary>What is to be taken in, and how it is to be known.</summary>
/// <param name="Source">For people: what was asked for.</param>
/// <param name="Documents">Each is fetched when its turn comes.</param>
public sealed record IngestRequest(string Source, IReadOnlyList<PendingDocument> Documents)
{
    public ChunkTrust Trust { get; init; } = ChunkTrust.External;

    public string Domain { get; init; } = NewChunk.DefaultDomain;

    public string Namespace { get; init; } = "";

    /// <summary>Bytes it holds while it waits.</summary>
    public long Held => Documents.Sum(d => (long)d.Held);
}

/// <param name="Source">As in the store.</param>
/// <param name="Held">Bytes of it in memory while it waits.</param>
/// <param name="FetchAsync">Throws a <see cref="KnowledgeException"/> when it can't be had.</param>
public sealed record PendingDocument(string Source, int Held, Func<CancellationToken, Task<RawDocument>> FetchAsync)
{
    public static PendingDocument Of(RawDocument document) => new(document.Source, document.Body.Length, _ => Task.FromResult(document));
}
