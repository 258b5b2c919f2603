using System.Text.Json.Serialization;
using ProtoAgent.Instances;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Protocols.Operator;

/// <summary>A chunk as it is shown.</summary>
/// <param name="Trust"><c>operator</c>, <c>agent</c> or <c>external</c>.</param>
/// <param name="Invalidation"><c>superseded</c>, <c>replaced</c>, <c>deleted</c> or <c>forgotten</c>; null while it is found.</param>
internal sealed record KnowledgeShape(
    long Id, string Content, string Heading, string Domain, string Namespace, string? Source, string SourceType, string Trust, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    DateTimeOffset? InvalidatedAt, string? Invalidation, string? Reason, long? SupersededBy)
{
    /// <summary>Of a hit: higher is better, within one answer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Score { get; init; }

    /// <summary>Of a POST: <c>added</c>, <c>revised</c>, or <c>duplicate</c> when nothing was written.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Outcome { get; init; }

    /// <summary>Of a POST that revised something: what it took the place of.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Supersedes { get; init; }

    /// <summary>Of one chunk: what it took the place of, the latest first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<KnowledgeShape>? Earlier { get; init; }

    public static KnowledgeShape Of(Chunk c) => new(
        c.Id, c.Content, c.Heading, c.Domain, c.Namespace, c.Source, c.SourceType, KnowledgeNames.Of(c.Trust), c.CreatedAt, c.UpdatedAt,
        c.InvalidatedAt, c.Invalidation is { } invalidation ? KnowledgeNames.Of(invalidation) : null, c.Reason, c.SupersededBy);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(KnowledgeShape))]
[JsonSerializable(typeof(KnowledgeShape[]))]
[JsonSerializable(typeof(KnowledgeEndpoints.NewChunkRequest))]
[JsonSerializable(typeof(KnowledgeEndpoints.ChunkEditRequest))]
[JsonSerializable(typeof(KnowledgeEndpoints.ChunkList))]
[JsonSerializable(typeof(KnowledgeEndpoints.Stats))]
[JsonSerializable(typeof(IngestEndpoints.IngestJsonRequest))]
[JsonSerializable(typeof(IngestEndpoints.Started))]
[JsonSerializable(typeof(IngestEndpoints.IngestShape))]
[JsonSerializable(typeof(IngestEndpoints.IngestList))]
[JsonSerializable(typeof(IngestEndpoints.SourceRequest))]
[JsonSerializable(typeof(IngestEndpoints.Counted))]
[JsonSerializable(typeof(IngestEndpoints.SourceList))]
internal sealed partial class KnowledgeApiJson : JsonSerializerContext;
