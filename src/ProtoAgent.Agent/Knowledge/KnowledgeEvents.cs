using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;

namespace ProtoAgent.Agent.Knowledge;

/// <summary>What is known now that was not, and what is not any more: <c>knowledge.chunk_…</c> and <c>knowledge.source_…</c>.</summary>
public sealed class KnowledgeEvents(EventBus bus)
{
    /// <summary><c>chunk_added</c>, <c>chunk_revised</c>, <c>chunk_updated</c>, <c>chunk_deleted</c> or <c>chunk_restored</c>.</summary>
    public void Written(HotWrite write) => bus.Publish(
        $"knowledge.chunk_{write.Action}", new ChunkWritten(write.Chunk.Id, write.Chunk.Domain, write.Chunk.Namespace, write.Chunk.Source), KnowledgeEventJson.Default.ChunkWritten);

    /// <summary><c>source_deleted</c> or <c>source_restored</c>; nothing when there was no such document.</summary>
    public void SourceWritten(string source, long chunks, bool isGone)
    {
        if (chunks > 0)
        {
            bus.Publish($"knowledge.source_{(isGone ? "deleted" : "restored")}", new SourceChanged(source, chunks), KnowledgeEventJson.Default.SourceChanged);
        }
    }

    internal sealed record ChunkWritten(long Id, string Domain, string Namespace, string? Source);

    internal sealed record SourceChanged(string Source, long Chunks);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KnowledgeEvents.ChunkWritten))]
[JsonSerializable(typeof(KnowledgeEvents.SourceChanged))]
internal sealed partial class KnowledgeEventJson : JsonSerializerContext;
