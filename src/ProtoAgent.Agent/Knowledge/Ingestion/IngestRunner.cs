using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Knowledge.Reading;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Knowledge;

namespace ProtoAgent.Agent.Knowledge.Ingestion;

/// <summary>
/// Takes documents in, one after the other, in the background. A document is written in one transaction once all of it is read,
/// cut and embedded, so there is never half of one; what a stop or a crash leaves undone is to be asked for again, and costs only
/// what is not there yet. There is no thread while nothing waits.
/// </summary>
public sealed class IngestRunner : IAsyncDisposable
{
    /// <summary>Ingests that wait.</summary>
    public const int Capacity = 64;

    /// <summary>Bytes that waiting ingests hold in memory.</summary>
    private const long MostHeld = 256L << 20;

    private readonly KnowledgeService _knowledge;
    private readonly EventBus _events;
    private readonly TimeProvider _time;
    private readonly string _process;
    private readonly Func<string, bool> _isLive;
    private readonly DocumentIntake _intake;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Queue<IngestWork> _waiting = new();
    private readonly CancellationTokenSource _stopping = new();
    private IngestWork? _running;
    private Task _worker = Task.CompletedTask;

    /// <param name="process">This process: <c>InstanceRecord.ProcessId</c>.</param>
    /// <param name="isLive">Whether a process of that name lives.</param>
    public IngestRunner(KnowledgeService knowledge, EventBus events, string process, Func<string, bool> isLive, TimeProvider time, ILogger<IngestRunner> logger)
    {
        (_knowledge, _events, _process, _isLive, _time, _logger) = (knowledge, events, process, isLive, time, logger);
        _intake = new DocumentIntake(knowledge);
    }

    /// <summary>Answers once it is written down that it is to be done.</summary>
    /// <exception cref="KnowledgeException"><c>ingest_busy</c>: too much waits.</exception>
    /// <exception cref="StoreException">The knowledge can't be written.</exception>
    public async Task<IngestWork> StartAsync(IngestRequest request, CancellationToken cancellationToken = default)
    {
        if (request.Domain.Trim() == HotFacts.Domain)
        {
            throw new KnowledgeException("hot_not_a_note", $"A document can't be taken into the domain '{HotFacts.Domain}': what stands there stands before every conversation. Name another domain.");
        }

        var store = await _knowledge.StoreAsync();
        var ingest = new Ingest(Guid.CreateVersion7(_time.GetUtcNow()).ToString(), request.Source, IngestStatus.Queued, _process, _time.GetUtcNow()) { Documents = request.Documents.Count };
        var work = new IngestWork(ingest, request, _stopping.Token);
        lock (_gate)
        {
            if (_waiting.Count >= Capacity || _waiting.Sum(w => w.Request.Held) + request.Held > MostHeld)
            {
                throw new KnowledgeException("ingest_busy", $"{_waiting.Count} ingests wait already. Try again when some are done.");
            }
        }

        await store.PutIngestAsync(ingest, cancellationToken);
        lock (_gate)
        {
            _waiting.Enqueue(work);
            if (_running is null)
            {
                _running = work;
                _worker = Task.Run(() => WorkAsync(store), CancellationToken.None);
            }
        }

        return work;
    }

    /// <summary>Null if there is none of this id.</summary>
    public async Task<Ingest?> GetAsync(string id, CancellationToken cancellationToken = default) =>
        Find(id)?.State ?? (await (await _knowledge.StoreAsync()).GetIngestAsync(id, cancellationToken) is { } stored ? AsItStands(stored) : null);

    /// <summary>How far the document in work is; null where none is.</summary>
    public DocumentProgress? Progress(string id) => Find(id)?.Document;

    /// <summary>The newest first.</summary>
    public async Task<(IReadOnlyList<Ingest> Items, long? Next)> ListAsync(int limit, long? before, CancellationToken cancellationToken = default)
    {
        var (items, next) = await (await _knowledge.StoreAsync()).IngestsAsync(limit, before, cancellationToken);
        return ([.. items.Select(i => Find(i.Id)?.State ?? AsItStands(i))], next);
    }

    /// <summary>Documents that are in stay in. False if it is over, or another process's.</summary>
    public bool Cancel(string id)
    {
        if (Find(id) is not { State.IsOver: false } work)
        {
            return false;
        }

        work.Cancel();
        return true;
    }

    /// <summary>What runs is ended between two documents, or before one is written.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _worker;
    }

    private IngestWork? Find(string id)
    {
        lock (_gate)
        {
            return _running?.State.Id == id ? _running : _waiting.FirstOrDefault(w => w.State.Id == id);
        }
    }

    /// <summary>Nobody wrote down how it ended if its process died first.</summary>
    private Ingest AsItStands(Ingest stored) => stored.IsOver || (stored.Process != _process && _isLive(stored.Process)) ? stored : stored with
    {
        Status = IngestStatus.Interrupted,
        Error = $"The process ended before it was done: {stored.DocumentsDone} of {stored.Documents} documents are in, each whole. Ingest it again; what is in is skipped.",
    };

    private async Task WorkAsync(KnowledgeStore store)
    {
        while (true)
        {
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out _running))
                {
                    return;
                }
            }

            try
            {
                await RunAsync(_running, store);
            }
            catch (Exception e)
            {
                // The store is in trouble, and the outcome can't be written down: it is told, and the next one may fare better.
                _logger.LogError(e, "The ingest of {Source} broke off.", _running.State.Source);
                _running.State = _running.State with { Status = IngestStatus.Failed, Error = e is StoreException ? e.Message : "Something went wrong inside the instance. Its log says what.", FinishedAt = _time.GetUtcNow() };
                IngestEvents.Publish(_events, _running.State);
            }

            _running.End();
        }
    }

    private async Task RunAsync(IngestWork work, KnowledgeStore store)
    {
        var request = work.Request;
        work.State = work.State with { Status = work.IsCancelled ? IngestStatus.Cancelled : IngestStatus.Running };
        var errors = new List<string>();
        try
        {
            foreach (var pending in request.Documents)
            {
                work.Cancelled.ThrowIfCancellationRequested();
                await DocumentAsync(work, pending, store, errors);
                await store.PutIngestAsync(work.State, CancellationToken.None);
                IngestEvents.Publish(_events, work.State);
            }

            work.State = work.State with
            {
                Status = errors.Count > 0 && work.State.FailedDocuments == work.State.Documents ? IngestStatus.Failed : IngestStatus.Done,
                Error = errors.Count == 0 ? null : string.Join('\n', errors.Take(10)) + (errors.Count > 10 ? $"\n… and {errors.Count - 10} more." : ""),
            };
        }
        catch (OperationCanceledException) when (work.Cancelled.IsCancellationRequested)
        {
            work.State = _stopping.IsCancellationRequested
                ? work.State with { Status = IngestStatus.Interrupted, Error = $"The instance was stopped: {work.State.DocumentsDone} of {work.State.Documents} documents are in, each whole. Ingest it again; what is in is skipped." }
                : work.State with { Status = IngestStatus.Cancelled, Error = $"Cancelled: {work.State.DocumentsDone} of {work.State.Documents} documents are in, each whole." };
        }

        work.State = work.State with { FinishedAt = _time.GetUtcNow() };
        await store.PutIngestAsync(work.State, CancellationToken.None);
        await _knowledge.PurgeAsync(store, CancellationToken.None);
        IngestEvents.Publish(_events, work.State);
    }

    private async Task DocumentAsync(IngestWork work, PendingDocument pending, KnowledgeStore store, List<string> errors)
    {
        try
        {
            var change = await _intake.TakeAsync(work.Request, pending, store, Progress, work.Cancelled);
            work.State = work.State with
            {
                Unchanged = work.State.Unchanged + (change.Unchanged ? 1 : 0),
                ChunksAdded = work.State.ChunksAdded + change.Added,
                ChunksKept = work.State.ChunksKept + change.Kept,
                ChunksRemoved = work.State.ChunksRemoved + change.Removed,
            };
        }
        catch (Exception e) when (e is KnowledgeException or ArgumentException)
        {
            // One file of a folder that can't be read does not keep the others out.
            errors.Add(work.Request.Documents.Count > 1 ? $"{pending.Source}: {e.Message}" : e.Message);
            work.State = work.State with { FailedDocuments = work.State.FailedDocuments + 1 };
        }

        work.Document = null;
        work.State = work.State with { DocumentsDone = work.State.DocumentsDone + 1 };

        void Progress(int done, int all)
        {
            work.Document = new DocumentProgress(pending.Source, done, all);
            IngestEvents.Publish(_events, work.State, work.Document);
        }
    }
}
