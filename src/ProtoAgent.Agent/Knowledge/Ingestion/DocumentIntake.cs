using ProtoAgent.Agent.Knowledge.Reading;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge.Ingestion;

/// <summary>One document, from where it is to where it is known: fetched, read, cut, embedded where it is new, and written at once.</summary>
internal sealed class DocumentIntake(KnowledgeService knowledge)
{
    /// <summary>Texts sent to the embedding model at once.</summary>
    private const int AtOnce = 64;

    /// <param name="progress">Pieces done, and how many there are.</param>
    public async Task<DocumentChange> TakeAsync(
        IngestRequest request, PendingDocument pending, KnowledgeStore store, Action<int, int> progress, CancellationToken cancellationToken)
    {
        var raw = await pending.FetchAsync(cancellationToken);
        if (raw.Body.Length > knowledge.Options.MaxDocumentBytes)
        {
            throw new KnowledgeException(
                "document_too_large", $"{raw.Source} has {raw.Body.Length} bytes; a document has at most {knowledge.Options.MaxDocumentBytes} (knowledge.max_document_bytes).");
        }

        var read = await DocumentReader.ReadAsync(raw, cancellationToken);
        var document = new Document(raw.Source, read.Title, read.Type, request.Trust, request.Namespace, request.Domain);
        if (await store.MissingPiecesAsync(document, read.Pieces, cancellationToken) is not { } missing)
        {
            return new DocumentChange(0, read.Pieces.Count, 0, Unchanged: true);
        }

        var fresh = read.Pieces.DistinctBy(p => Convert.ToHexString(p.Digest)).Where(p => missing.Contains(Convert.ToHexString(p.Digest))).ToList();
        var (model, vectors) = ((string?)null, new Dictionary<string, float[]>(StringComparer.Ordinal));
        if (knowledge.Embeddings is not null)
        {
            foreach (var some in fresh.Chunk(AtOnce))
            {
                progress(read.Pieces.Count - fresh.Count + vectors.Count, read.Pieces.Count);
                if (await knowledge.EmbedAsync([.. some.Select(p => KnowledgeService.TextOf(p.Heading, p.Content))], cancellationToken) is not { } embedded
                    || (model is not null && embedded.Model != model))
                {
                    // Known by its words at once; the vectors follow when the model is back.
                    break;
                }

                model = embedded.Model;
                foreach (var (piece, vector) in some.Zip(embedded.Vectors))
                {
                    vectors[Convert.ToHexString(piece.Digest)] = vector;
                }
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        return await store.ReplaceAsync(document, read.Pieces, model, vectors, CancellationToken.None);
    }
}
