using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Knowledge;
using Shouldly;

namespace ProtoAgent.Tests.Stores.Knowledge;

/// <summary>A data home, a clock, and as many stores on the one file as a test wants processes.</summary>
internal sealed class KnowledgeFixture : IAsyncDisposable
{
    public const long Memory = 64 << 20;

    private readonly TempFolder _folder = new();
    private readonly List<KnowledgeStore> _opened = [];

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public InstancePaths Paths => _folder.Paths();

    public async Task<KnowledgeStore> OpenAsync(long memory = Memory)
    {
        var store = await KnowledgeStore.OpenAsync(_folder.Paths(), memory, Time, NullLogger<KnowledgeStore>.Instance);
        _opened.Add(store);
        return store;
    }

    public static async Task<Chunk> AddAsync(KnowledgeStore store, string content, ChunkTrust trust = ChunkTrust.Operator, string domain = "general", string @namespace = "", string heading = "") =>
        (await store.AddAsync(new NewChunk(content, trust, heading, @namespace, domain))).ShouldBeOfType<ChunkAdd.Added>().Chunk;

    public static async Task<IReadOnlyList<string>> FindAsync(KnowledgeStore store, string query, ChunkFilter? filter = null, int limit = 10) =>
        [.. (await store.FindWordsAsync(query, filter ?? ChunkFilter.Any, limit)).Select(h => h.Chunk.Content)];

    public static Task<DocumentChange> IngestAsync(KnowledgeStore store, string source, params string[] pieces) =>
        store.ReplaceAsync(new Document(source, source, "text", ChunkTrust.External), [.. pieces.Select(p => new Piece("", p))], null, new Dictionary<string, float[]>());

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
        {
            await store.DisposeAsync();
        }

        _folder.Dispose();
    }
}
