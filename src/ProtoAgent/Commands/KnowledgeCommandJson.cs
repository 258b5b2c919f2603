using System.Globalization;
using System.Text.Json.Serialization;

namespace ProtoAgent.Commands;

/// <summary>What the knowledge's routes answer, as far as a person is shown it.</summary>
internal sealed record KnownChunk(
    long Id, string Content, string Heading, string Domain, string? Source, string Trust, DateTimeOffset CreatedAt, string? Invalidation, string? Outcome, long? Supersedes,
    IReadOnlyList<KnownChunk>? Earlier)
{
    /// <param name="longest">Characters of what it says; 0 for none.</param>
    public string Line(int longest)
    {
        var text = string.Join(' ', Content.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var at = CreatedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return $"#{Id} [{Domain}] {(Invalidation is null ? "" : $"({Invalidation}) ")}{Trust} {at}{(Source is null ? "" : $" {Source}")}{(Heading.Length == 0 ? "" : $" · {Heading}")}"
            + (longest == 0 ? "" : $"\n    {(text.Length <= longest ? text : text[..longest] + "…")}");
    }
}

internal sealed record KnownChunkList(IReadOnlyList<KnownChunk> Items, string? Next);

internal sealed record KnownSource(string Source, string Title, string SourceType, string Trust, string Domain, long Chunks, DateTimeOffset IngestedAt, DateTimeOffset? DeletedAt);

internal sealed record KnownSourceList(IReadOnlyList<KnownSource> Items, string? Next);

internal sealed record KnownStats(long Chunks, IReadOnlyDictionary<string, long> ByDomain, long Documents, long Superseded, string? EmbeddingModel, bool EmbeddingsReady);

internal sealed record KnownIngest(
    string IngestId, string Source, string? Status, long Documents, long DocumentsDone, long Unchanged, long Failed, long ChunksAdded, long ChunksKept, long ChunksRemoved, int? Pieces, int? AllPieces, string? Error)
{
    public bool IsOver => Status is not (null or "queued" or "running");
}

internal sealed record NewNote(string Content, string? Heading, string? Domain, string? Namespace);

internal sealed record WebIngest(string Url, string? Title, string? Domain, string? Namespace, string? Trust);

internal sealed record SourceName(string Source);

internal sealed record SourceCount(string Source, long Chunks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KnownChunk))]
[JsonSerializable(typeof(KnownChunk[]))]
[JsonSerializable(typeof(KnownChunkList))]
[JsonSerializable(typeof(KnownSourceList))]
[JsonSerializable(typeof(KnownStats))]
[JsonSerializable(typeof(KnownIngest))]
[JsonSerializable(typeof(KnownIngest[]))]
[JsonSerializable(typeof(NewNote))]
[JsonSerializable(typeof(WebIngest))]
[JsonSerializable(typeof(SourceName))]
[JsonSerializable(typeof(SourceCount))]
internal sealed partial class KnowledgeCommandJson : JsonSerializerContext;
