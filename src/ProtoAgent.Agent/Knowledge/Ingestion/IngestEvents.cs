using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge.Ingestion;

/// <summary>What is told of an ingest: <c>knowledge.ingest_progress</c>, and at its end <c>…_done</c> or <c>…_failed</c>.</summary>
internal static class IngestEvents
{
    private const int LongestError = 500;

    public static void Publish(EventBus events, Ingest ingest, DocumentProgress? document = null)
    {
        var topic = ingest.Status switch
        {
            IngestStatus.Queued or IngestStatus.Running => "knowledge.ingest_progress",
            IngestStatus.Done => "knowledge.ingest_done",
            _ => "knowledge.ingest_failed",
        };
        var error = ingest.Error is { Length: > LongestError } text ? text[..LongestError] + "…" : ingest.Error;
        events.Publish(
            topic,
            new Told(
                ingest.Id, ingest.Source, KnowledgeNames.Of(ingest.Status), ingest.Documents, ingest.DocumentsDone, ingest.FailedDocuments, ingest.ChunksAdded, ingest.ChunksRemoved,
                document?.Source, document?.Pieces, document?.AllPieces, error),
            IngestEventJson.Default.Told);
    }

    /// <param name="Document">The one in work.</param>
    /// <param name="Pieces">Of it, done.</param>
    internal sealed record Told(
        string IngestId, string Source, string Status, long Documents, long DocumentsDone, long Failed, long ChunksAdded, long ChunksRemoved, string? Document, int? Pieces, int? AllPieces,
        string? Error);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IngestEvents.Told))]
internal sealed partial class IngestEventJson : JsonSerializerContext;
