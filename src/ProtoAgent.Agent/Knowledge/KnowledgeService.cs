using Microsoft.Extensions.Logging;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge;

/// <summary>What the agent knows: the store, opened when it is first asked for, and the vectors that go with it. See README.md.</summary>
public sealed class KnowledgeService : IAsyncDisposable
{
    /// <summary>The most a search answers.</summary>
    public const int MostHits = 100;

    /// <summary>A search waits no longer for its vector: words alone answer in milliseconds.</summary>
    private static readonly TimeSpan s_patienceOfSearch = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_patienceOfWrite = TimeSpan.FromSeconds(10);

    /// <summary>Of each list that is fused, how many at least.</summary>
    private const int FewestFused = 50;

    private readonly InstancePaths _paths;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly Lock _gate = new();
    private readonly VectorFill? _fill;
    private Task<KnowledgeStore>? _opening;
    private StoreException? _closed;
    private bool _disposed;

    public KnowledgeService(InstancePaths paths, KnowledgeOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        (_paths, Options, _time, _loggers) = (paths, options, time, loggers);
        if (options.Embeddings is { } embeddings)
        {
            Embeddings = new EmbeddingModel(embeddings, time);
            _fill = new VectorFill(this, Embeddings, loggers.CreateLogger<VectorFill>());
        }
    }

    public KnowledgeOptions Options { get; }

    /// <summary>Null where none is configured.</summary>
    public EmbeddingModel? Embeddings { get; }

    /// <summary>Opens the store when it isn't open; where that failed, again.</summary>
    /// <exception cref="StoreException">It can't be opened.</exception>
    public async Task<KnowledgeStore> StoreAsync()
    {
        Task<KnowledgeStore> opening;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_opening is null or { IsFaulted: true })
            {
                _opening = KnowledgeStore.OpenAsync(_paths, Options.VectorMemory, _time, _loggers.CreateLogger<KnowledgeStore>());
            }

            opening = _opening;
        }

        try
        {
            var store = await opening;
            _closed = null;
            return store;
        }
        catch (StoreException e)
        {
            _closed = e;
            throw;
        }
    }

    /// <summary>Looks at the file without opening it: a standing problem is to be seen before somebody needs the store.</summary>
    public void Examine()
    {
        if (StoreFiles.Examine(_paths).FirstOrDefault(f => f.Store == "knowledge") is { Problem: { } problem })
        {
            _closed = new StoreException("knowledge", "store_unusable", problem);
        }
    }

    public IEnumerable<StandingWarning> Warnings()
    {
        var store = _opening is { IsCompletedSuccessfully: true } opened ? opened.Result : null;
        if ((store is null ? _closed : store.Problem) is { } problem)
        {
            yield return new StandingWarning(problem.Code, problem.Message, "Until then the agent answers without its knowledge; everything else goes on.");
        }

        if (Embeddings?.Warning() is { } down)
        {
            yield return down;
        }
    }

    /// <summary>The best for a query: by words, and where there are vectors by meaning too, fused by their ranks.</summary>
    /// <param name="k">1 to 100.</param>
    /// <exception cref="StoreException">The knowledge can't be read.</exception>
    public async Task<IReadOnlyList<ChunkHit>> SearchAsync(string query, int k, ChunkFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, MostHits);
        if (string.IsNullOrWhiteSpace(query))
        {
            return [];
        }

        var store = await StoreAsync();
        if (Embeddings is null)
        {
            return Fusion.Distinct(await store.FindWordsAsync(query, filter, k * 2, cancellationToken), k);
        }

        var wanted = Math.Max(FewestFused, k * 3);
        var asking = Embeddings.TryAsync([query], s_patienceOfSearch, cancellationToken);
        var words = await store.FindWordsAsync(query, filter, wanted, cancellationToken);
        if (await asking is not { } embedded)
        {
            return Fusion.Distinct(words, k);
        }

        _fill!.Begin(embedded.Model);
        var near = await store.FindNearAsync(embedded.Model, embedded.Vectors[0], filter, wanted, cancellationToken);
        return near.Count == 0 ? Fusion.Distinct(words, k) : Fusion.Distinct(Fusion.ByRank(words, near), k);
    }

    /// <summary>Keeps a note; see <see cref="KnowledgeStore.AddAsync"/>.</summary>
    /// <exception cref="KnowledgeException">There is nothing to keep.</exception>
    /// <exception cref="ArgumentException">It can't be stored.</exception>
    /// <exception cref="StoreException">It is not written.</exception>
    public async Task<ChunkAdd> AddAsync(NewChunk chunk, CancellationToken cancellationToken = default)
    {
        chunk = chunk with { Content = Clean(chunk.Content, chunk.Trust == ChunkTrust.Agent), Heading = chunk.Heading.Trim(), Domain = chunk.Domain.Trim() };
        var store = await StoreAsync();
        var embedded = await EmbedAsync([TextOf(chunk.Heading, chunk.Content)], cancellationToken);
        return await store.AddAsync(chunk, embedded?.Model, embedded?.Vectors[0], cancellationToken);
    }

    /// <summary>Null if there is none.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public async Task<Chunk?> UpdateAsync(long id, ChunkEdit edit, CancellationToken cancellationToken = default)
    {
        var store = await StoreAsync();
        var changed = await store.UpdateAsync(id, edit.Content is { } content ? edit with { Content = Clean(content, ofModel: false) } : edit, cancellationToken);
        if (changed is not null && edit is not { Content: null, Heading: null } && await EmbedAsync([TextOf(changed.Heading, changed.Content)], cancellationToken) is { } embedded)
        {
            await store.PutVectorsAsync(embedded.Model, [(changed, embedded.Vectors[0])], cancellationToken);
        }

        return changed;
    }

    /// <returns>How many chunks.</returns>
    public async Task<long> DeleteSourceAsync(string? @namespace, string source, CancellationToken cancellationToken = default)
    {
        var store = await StoreAsync();
        var deleted = await store.DeleteSourceAsync(@namespace, source, cancellationToken);
        await PurgeAsync(store, cancellationToken);
        return deleted;
    }

    public async ValueTask DisposeAsync()
    {
        Task<KnowledgeStore>? opened;
        lock (_gate)
        {
            _disposed = true;
            opened = _opening;
        }

        if (_fill is not null)
        {
            await _fill.DisposeAsync();
        }

        Embeddings?.Dispose();
        if (opened is not null)
        {
            await opened.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            if (opened.IsCompletedSuccessfully)
            {
                await opened.Result.DisposeAsync();
            }
        }
    }

    /// <summary>What was deleted long enough ago goes for good. Only where something is deleted anyway: an idle instance has no broom.</summary>
    internal async Task PurgeAsync(KnowledgeStore store, CancellationToken cancellationToken) => await store.PurgeAsync(_time.GetUtcNow() - Options.KeepDeleted, cancellationToken);

    /// <summary>Vectors of texts to keep; null where they have to come later.</summary>
    internal async Task<Embedded?> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var embedded = Embeddings is null || texts.Count == 0 ? null : await Embeddings.TryAsync(texts, s_patienceOfWrite, cancellationToken);
        if (embedded is null)
        {
            _fill?.Wanted();
        }

        return embedded;
    }

    internal static string TextOf(string heading, string content) => heading.Length == 0 ? content : $"{heading}\n{content}";

    private static string Clean(string content, bool ofModel)
    {
        var kept = Reasoning.Strip(content, ofModel).Trim();
        return kept.Length == 0 && !string.IsNullOrWhiteSpace(content)
            ? throw new KnowledgeException("only_reasoning", "There is nothing but a model's thinking in it, which is not kept. Say what is to be known.")
            : kept;
    }
}
