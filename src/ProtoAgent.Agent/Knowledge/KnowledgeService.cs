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

    /// <summary>Told of each write of a hot fact, whoever makes it.</summary>
    public Action<HotWrite> HotWritten { get; init; } = _ => { };

    /// <summary>Told of every write of a single chunk, the hot ones too; of a document's its ingest tells.</summary>
    public Action<HotWrite> Written { get; init; } = _ => { };

    /// <summary>Told of a document that was taken out or back in: its source, its chunks, and whether it is gone.</summary>
    public Action<string, long, bool> SourceWritten { get; init; } = (_, _, _) => { };

    /// <summary>Whether there is anything to look in: a turn does not make a file only to find nothing in it.</summary>
    public bool IsThere => _opening is { IsCompletedSuccessfully: true } || File.Exists(_paths.Knowledge);

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

    /// <summary>Valid chunks. Where nothing was ever kept there is no file, and asking makes none.</summary>
    /// <exception cref="StoreException">They can't be counted.</exception>
    public async Task<long> CountAsync(CancellationToken cancellationToken = default) =>
        IsThere ? await (await StoreAsync()).CountAsync(cancellationToken) : 0;

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
        if (chunk.Domain == HotFacts.Domain)
        {
            HotFacts.Check(chunk.Content, chunk.Trust, chunk.SourceType);
        }

        var embedded = await EmbedAsync([TextOf(chunk.Heading, chunk.Content)], cancellationToken);
        var added = await store.AddAsync(chunk, embedded?.Model, embedded?.Vectors[0], cancellationToken);
        if (added is not ChunkAdd.Duplicate)
        {
            Tell(added is ChunkAdd.Revised ? "revised" : "added", added.Chunk);
        }

        return added;
    }

    /// <summary>Null if there is none.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public async Task<Chunk?> UpdateAsync(long id, ChunkEdit edit, CancellationToken cancellationToken = default)
    {
        var store = await StoreAsync();
        edit = edit with { Domain = edit.Domain?.Trim() };
        var before = await store.GetAsync(id, cancellationToken);
        if (before is not null && (edit.Domain ?? before.Domain) == HotFacts.Domain)
        {
            HotFacts.Check(edit.Content ?? before.Content, edit.Trust ?? before.Trust, before.SourceType);
        }

        var changed = await store.UpdateAsync(id, edit.Content is { } content ? edit with { Content = Clean(content, ofModel: false) } : edit, cancellationToken);
        if (changed is not null && edit is not { Content: null, Heading: null } && await EmbedAsync([TextOf(changed.Heading, changed.Content)], cancellationToken) is { } embedded)
        {
            await store.PutVectorsAsync(embedded.Model, [(changed, embedded.Vectors[0])], cancellationToken);
        }

        if (changed is not null)
        {
            Tell("updated", before?.Domain == HotFacts.Domain ? before with { Content = changed.Content, Trust = changed.Trust } : changed);
        }

        return changed;
    }

    /// <summary>For good. False if there is none.</summary>
    /// <exception cref="StoreException">It is not written.</exception>
    public async Task<bool> DeleteAsync(long id, CancellationToken cancellationToken = default)
    {
        var store = await StoreAsync();
        var chunk = await store.GetAsync(id, cancellationToken);
        var deleted = chunk is not null && await store.DeleteAsync(id, cancellationToken);
        if (deleted && chunk!.InvalidatedAt is null)
        {
            Tell("deleted", chunk);
        }

        return deleted;
    }

    /// <inheritdoc cref="KnowledgeStore.ForgetAsync"/>
    public async Task<bool> ForgetAsync(Chunk chunk, string? reason, CancellationToken cancellationToken = default)
    {
        var forgotten = await (await StoreAsync()).ForgetAsync(chunk.Id, reason, cancellationToken);
        if (forgotten)
        {
            Tell("deleted", chunk);
        }

        return forgotten;
    }

    /// <summary>What stands before every conversation, those trusted most first, then the newest.</summary>
    public async Task<IReadOnlyList<Chunk>> HotAsync(ChunkTrust floor = ChunkTrust.Agent, CancellationToken cancellationToken = default) =>
        await (await StoreAsync()).NotesAsync(HotFacts.Domain, floor < ChunkTrust.Agent ? ChunkTrust.Agent : floor, KnowledgeStore.MaxPage, cancellationToken);

    /// <returns>How many chunks.</returns>
    public async Task<long> DeleteSourceAsync(string? @namespace, string source, CancellationToken cancellationToken = default)
    {
        var store = await StoreAsync();
        var hot = await HotOfAsync(store, @namespace, source, cancellationToken);
        var deleted = await store.DeleteSourceAsync(@namespace, source, cancellationToken);
        hot.ForEach(c => Tell("deleted", c));
        SourceWritten(source, deleted, true);
        await PurgeAsync(store, cancellationToken);
        return deleted;
    }

    /// <inheritdoc cref="KnowledgeStore.RestoreSourceAsync"/>
    public async Task<long> RestoreSourceAsync(string? @namespace, string source, CancellationToken cancellationToken = default)
    {
        var store = await StoreAsync();
        var before = await HotOfAsync(store, @namespace, source, cancellationToken);
        var restored = await store.RestoreSourceAsync(@namespace, source, cancellationToken);
        foreach (var chunk in (await HotOfAsync(store, @namespace, source, cancellationToken)).ExceptBy(before.Select(c => c.Id), c => c.Id))
        {
            Tell("restored", chunk);
        }

        SourceWritten(source, restored, false);

        return restored;
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

    private void Tell(string action, Chunk chunk)
    {
        Written(new HotWrite(action, chunk));
        if (chunk.Domain == HotFacts.Domain)
        {
            HotWritten(new HotWrite(action, chunk));
        }
    }

    private static async Task<List<Chunk>> HotOfAsync(KnowledgeStore store, string? @namespace, string source, CancellationToken cancellationToken) =>
        [.. (await store.ListAsync(new ChunkFilter(@namespace, HotFacts.Domain, Source: source), withInvalid: false, KnowledgeStore.MaxPage, cancellationToken: cancellationToken)).Items];

    private static string Clean(string content, bool ofModel)
    {
        var kept = Reasoning.Strip(content, ofModel).Trim();
        return kept.Length == 0 && !string.IsNullOrWhiteSpace(content)
            ? throw new KnowledgeException("only_reasoning", "There is nothing but a model's thinking in it, which is not kept. Say what is to be known.")
            : kept;
    }
}
