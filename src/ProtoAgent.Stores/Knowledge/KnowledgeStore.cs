using Microsoft.Extensions.Logging;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Sqlite;

namespace ProtoAgent.Stores.Knowledge;

/// <summary>What the agent knows, in chunks, found by words and by vectors; see README.md for what holds when.</summary>
public sealed class KnowledgeStore : IAsyncDisposable
{
    /// <summary>The longest content of a chunk, in characters.</summary>
    public const int MaxContentLength = 32_768;

    /// <summary>The longest heading, namespace, domain and source, in characters.</summary>
    public const int MaxNameLength = 1_024;

    /// <summary>The most on a page, and in an answer.</summary>
    public const int MaxPage = 500;

    private const int PurgedAtOnce = 1_000;

    private const int SealedAtOnce = 4;

    private readonly SqliteDatabase _database;
    private readonly TimeProvider _time;
    private readonly TokenFolds _folds = new();
    private readonly KeywordSearch _keywords;
    private readonly NearDuplicates _duplicates;
    private readonly VectorSearch _vectors;

    private KnowledgeStore(SqliteDatabase database, long vectorMemory, TimeProvider time)
    {
        _database = database;
        _time = time;
        _keywords = new KeywordSearch(_folds);
        _duplicates = new NearDuplicates(_keywords);
        _vectors = new VectorSearch(vectorMemory, time);
    }

    /// <inheritdoc cref="SqliteDatabase.Problem"/>
    public StoreException? Problem => _database.Problem;

    /// <summary>Bytes of vectors in memory now.</summary>
    public long VectorMemory => _vectors.Held;

    /// <param name="vectorMemory">Bytes of vectors kept in memory at most while they are searched.</param>
    /// <exception cref="StoreException">The file can't be opened, or is refused and left as it was.</exception>
    public static async Task<KnowledgeStore> OpenAsync(InstancePaths paths, long vectorMemory, TimeProvider time, ILogger<KnowledgeStore> logger) =>
        new(await SqliteDatabase.OpenAsync(paths, KnowledgeSchema.Schema, logger), vectorMemory, time);

    /// <summary>Survives the death of the process when this answers, as every write here does; a note also a power cut.</summary>
    /// <param name="model">Whose <paramref name="vector"/> it is; null without one.</param>
    /// <exception cref="ArgumentException">It can't be stored; the message says why.</exception>
    /// <exception cref="StoreException">It is not written.</exception>
    public Task<ChunkAdd> AddAsync(NewChunk chunk, string? model = null, float[]? vector = null, CancellationToken cancellationToken = default)
    {
        ChunkGuards.Check(chunk);
        var encoded = vector is null ? null : VectorRows.Encode(vector);
        return ChangeAsync<ChunkAdd>(
            session =>
            {
                var near = _duplicates.Find(session, chunk);
                if (near is { Overlap: >= NearDuplicates.Same } same && same.Chunk.Trust >= chunk.Trust)
                {
                    return new ChunkAdd.Duplicate(same.Chunk);
                }

                var now = Now();
                var id = ChunkWrites.Insert(session, chunk, 0, KnowledgeDigest.Of(chunk.Heading, chunk.Content), now);
                if (model is not null && encoded is { } stored)
                {
                    VectorRows.Put(session, id, VectorRows.Model(session, model), stored);
                }

                // Only a note takes the place of a note: a document's text is its source's, and changes with it. And who is
                // trusted less never takes the place of who is trusted more.
                if (near is { } earlier && earlier.Chunk.Trust <= chunk.Trust && earlier.Chunk.SourceType == "note")
                {
                    ChunkWrites.Invalidate(session, earlier.Chunk, Invalidation.Superseded, now, supersededBy: id);
                    return new ChunkAdd.Revised(KnowledgeRows.Find(session, id)!, KnowledgeRows.Find(session, earlier.Chunk.Id)!);
                }

                return new ChunkAdd.Added(KnowledgeRows.Find(session, id)!);
            },
            cancellationToken);
    }

    /// <summary>Valid or not; null if there is none, or it was deleted.</summary>
    public Task<Chunk?> GetAsync(long id, CancellationToken cancellationToken = default) => _database.ReadAsync(session => KnowledgeRows.Find(session, id), cancellationToken);

    /// <summary>What it took the place of, and that before it, the latest first.</summary>
    public Task<IReadOnlyList<Chunk>> EarlierAsync(long id, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => KnowledgeRows.Earlier(session, id), cancellationToken);

    /// <summary>In place. Null if there is none.</summary>
    /// <exception cref="ArgumentException">The result can't be stored.</exception>
    public Task<Chunk?> UpdateAsync(long id, ChunkEdit edit, CancellationToken cancellationToken = default)
    {
        ChunkGuards.Check(edit);
        return ChangeAsync(session => ChunkWrites.Update(session, id, edit, Now()), cancellationToken);
    }

    /// <summary>For good. False if there is none.</summary>
    public Task<bool> DeleteAsync(long id, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => ChunkWrites.Delete(session, id), Durability.Power, cancellationToken);

    /// <summary>Not found any more; a person can still read it, and why. False if there is no valid one.</summary>
    public Task<bool> ForgetAsync(long id, string? reason, CancellationToken cancellationToken = default) => _database.WriteAsync(
        session =>
        {
            if (KnowledgeRows.Find(session, id) is not { InvalidatedAt: null } chunk)
            {
                return false;
            }

            ChunkWrites.Invalidate(session, chunk, Invalidation.Forgotten, Now(), reason);
            return true;
        },
        Durability.Power,
        cancellationToken);

    /// <summary>The newest first.</summary>
    /// <param name="before">The <see cref="ChunkPage.Next"/> of the page before; null for the first.</param>
    public Task<ChunkPage> ListAsync(ChunkFilter filter, bool withInvalid, int limit, long? before = null, CancellationToken cancellationToken = default)
    {
        ChunkGuards.Limit(limit);
        return _database.ReadAsync(session => KnowledgeRows.Page(session, filter, withInvalid, limit, before), cancellationToken);
    }

    /// <summary>Notes of a domain, those trusted most first, then the newest. Costs by their number, not by what is known.</summary>
    public Task<IReadOnlyList<Chunk>> NotesAsync(string domain, ChunkTrust floor, int limit, CancellationToken cancellationToken = default)
    {
        ChunkGuards.Limit(limit);
        return _database.ReadAsync(session => KnowledgeRows.Notes(session, domain, floor, limit), cancellationToken);
    }

    /// <summary>By words, the best first. Any text is a query; one without a word finds nothing.</summary>
    public Task<IReadOnlyList<ChunkHit>> FindWordsAsync(string query, ChunkFilter filter, int limit, CancellationToken cancellationToken = default)
    {
        ChunkGuards.Limit(limit);
        return _database.ReadAsync(session => _keywords.Find(session, query, filter, limit), cancellationToken);
    }

    /// <summary>By the rarest words of a query alone: for what is looked up unasked, and must cost next to nothing.</summary>
    public Task<IReadOnlyList<ChunkHit>> FindRarestWordsAsync(string query, int most, ChunkFilter filter, int limit, CancellationToken cancellationToken = default)
    {
        ChunkGuards.Limit(limit);
        return _database.ReadAsync(session => _keywords.FindRarest(session, query, most, filter, limit), cancellationToken);
    }

    /// <summary>As FTS5 alone would answer, every chunk with any of the words scored: what <see cref="FindWordsAsync"/> is measured by.</summary>
    internal Task<IReadOnlyList<ChunkHit>> FindWordsExactlyAsync(string query, ChunkFilter filter, int limit) => _database.ReadAsync<IReadOnlyList<ChunkHit>>(
        session => SearchQuery.Parse(query) is { Count: > 0 } terms ? KeywordSearch.Rank(session, terms, filter, limit) : [], CancellationToken.None);

    /// <summary>By meaning, the nearest first.</summary>
    /// <param name="model">Whose the vector is; another model's vectors are not looked at.</param>
    public Task<IReadOnlyList<ChunkHit>> FindNearAsync(string model, float[] vector, ChunkFilter filter, int limit, CancellationToken cancellationToken = default)
    {
        ChunkGuards.Limit(limit);
        return _database.ReadAsync<IReadOnlyList<ChunkHit>>(
            session => VectorRows.Encode(vector) is { } unit && VectorRows.FindModel(session, model) is { } known
                ? _vectors.Find(session, known, [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(unit.Span)], filter, limit)
                : [],
            cancellationToken);
    }

    /// <summary>Which pieces of a document are not there, by digest in hex; null if it is there just so and nothing needs doing.</summary>
    public Task<IReadOnlySet<string>?> MissingPiecesAsync(Document document, IReadOnlyList<Piece> pieces, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => DocumentWrites.Missing(session, document, pieces), cancellationToken);

    /// <summary>A document comes in whole or not at all; of one that is there only what changed is written.</summary>
    /// <param name="vectors">By digest in hex.</param>
    public Task<DocumentChange> ReplaceAsync(
        Document document, IReadOnlyList<Piece> pieces, string? model, IReadOnlyDictionary<string, float[]> vectors, CancellationToken cancellationToken = default)
    {
        ChunkGuards.Check(document, pieces);
        var encoded = vectors.Select(v => (v.Key, Value: VectorRows.Encode(v.Value))).Where(v => v.Value is not null).ToDictionary(v => v.Key, v => v.Value!.Value, StringComparer.Ordinal);
        return ChangeAsync(session => DocumentWrites.Replace(session, document, pieces, model is null ? null : VectorRows.Model(session, model), encoded, Now()), cancellationToken);
    }

    /// <param name="namespace">Null for every one.</param>
    /// <param name="behind">The cursor of the page before.</param>
    public Task<(List<KnownDocument> Items, string? Next)> DocumentsAsync(
        string? @namespace, bool withDeleted, int limit, string? behind = null, CancellationToken cancellationToken = default)
    {
        ChunkGuards.Limit(limit);
        return _database.ReadAsync(session => KnowledgeRows.Documents(session, @namespace, withDeleted, limit, behind), cancellationToken);
    }

    /// <summary>Everything of a source. It can be restored until it is purged.</summary>
    /// <returns>How many chunks.</returns>
    public Task<long> DeleteSourceAsync(string? @namespace, string source, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(session => DocumentWrites.Delete(session, @namespace, source, Now()), Durability.Power, cancellationToken);

    /// <summary>What was deleted of a source last; 0 if there is nothing, or it is back already.</summary>
    public Task<long> RestoreSourceAsync(string? @namespace, string source, CancellationToken cancellationToken = default) =>
        ChangeAsync(session => DocumentWrites.Restore(session, @namespace, source, Now()), cancellationToken);

    /// <summary>What was deleted or replaced before goes for good. Other writes come in between.</summary>
    public async Task<long> PurgeAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var (all, some) = (0L, 0);
        do
        {
            some = await _database.WriteAsync(session => DocumentWrites.Purge(session, before.ToUnixTimeMilliseconds(), PurgedAtOnce), Durability.Process, cancellationToken);
            all += some;
        }
        while (some == PurgedAtOnce);

        return all;
    }

    /// <summary>Valid chunks that have no vector of that model, behind an id, in their order.</summary>
    public Task<List<Chunk>> WithoutVectorAsync(string model, long behind, int limit, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => VectorRows.Missing(session, VectorRows.FindModel(session, model), behind, limit), cancellationToken);

    /// <summary>Vectors of chunks that say still what was embedded; the others are left out.</summary>
    public Task<int> PutVectorsAsync(string model, IReadOnlyList<(Chunk Chunk, float[] Vector)> vectors, CancellationToken cancellationToken = default)
    {
        var encoded = vectors.Select(v => (v.Chunk, Vector: VectorRows.Encode(v.Vector))).ToList();
        return _database.WriteAsync(
            session =>
            {
                var of = VectorRows.Model(session, model);
                var fresh = encoded.Where(v => v.Vector is not null && KnowledgeRows.Find(session, v.Chunk.Id) is { } now && now.Content == v.Chunk.Content && now.Heading == v.Chunk.Heading).ToList();
                fresh.ForEach(v => VectorRows.Put(session, v.Chunk.Id, of, v.Vector!.Value));
                return fresh.Count;
            },
            Durability.Process,
            cancellationToken);
    }

    /// <summary>Valid chunks; kept as a number, so that asking costs nothing.</summary>
    public Task<long> CountAsync(CancellationToken cancellationToken = default) => _database.ReadAsync(KnowledgeRows.Chunks, cancellationToken);

    /// <param name="model">Whose vectors are counted; null for none.</param>
    public Task<KnowledgeStats> StatsAsync(string? model = null, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => KnowledgeRows.Stats(session, model is null ? null : VectorRows.FindModel(session, model)), cancellationToken);

    public Task PutIngestAsync(Ingest ingest, CancellationToken cancellationToken = default) => _database.WriteAsync(
        session =>
        {
            IngestRows.Put(session, ingest);
            return true;
        },
        Durability.Process,
        cancellationToken);

    public Task<Ingest?> GetIngestAsync(string id, CancellationToken cancellationToken = default) => _database.ReadAsync(session => IngestRows.Find(session, id), cancellationToken);

    /// <summary>The newest first.</summary>
    public Task<(List<Ingest> Items, long? Next)> IngestsAsync(int limit, long? before = null, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => IngestRows.Page(session, limit, before), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _vectors.Dispose();
        await _database.DisposeAsync();
        _folds.Dispose();
    }

    /// <summary>A write that may fill or open a block. What it leaves to seal is sealed by writes of its own, that others come in between.</summary>
    private async Task<T> ChangeAsync<T>(Func<SqliteSession, T> body, CancellationToken cancellationToken)
    {
        var (result, more) = await _database.WriteAsync(session => (body(session), Blocks.Seal(session, _folds, SealedAtOnce)), Durability.Power, cancellationToken);
        try
        {
            while (more)
            {
                more = await _database.WriteAsync(session => Blocks.Seal(session, _folds, SealedAtOnce), Durability.Process, CancellationToken.None);
            }
        }
        catch (StoreException)
        {
            // The change itself is written. The next one tries again; until then the rest is searched as it is.
        }

        return result;
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
