using Microsoft.Extensions.Logging;
using ProtoAgent.Stores;

namespace ProtoAgent.Agent.Knowledge;

/// <summary>
/// Gives chunks the vectors they lack: after the model was changed, or where it was down when they came. Begins when a search or an
/// ingest shows that the model answers, runs once through, and is not there otherwise.
/// </summary>
internal sealed partial class VectorFill(KnowledgeService knowledge, EmbeddingModel model, ILogger<VectorFill> logger) : IAsyncDisposable
{
    private const int AtOnce = 64;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private string? _filled;

    /// <summary>Something came in without a vector.</summary>
    public void Wanted()
    {
        lock (_gate)
        {
            _filled = null;
        }
    }

    /// <param name="name">The model that answers now, with its dimensions.</param>
    public void Begin(string name)
    {
        lock (_gate)
        {
            if (_filled != name && _running.IsCompleted && !_stopping.IsCancellationRequested)
            {
                _filled = name;
                _running = Task.Run(() => RunAsync(name));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    private async Task RunAsync(string name)
    {
        var (behind, filled) = (0L, 0);
        try
        {
            var store = await knowledge.StoreAsync();
            while (await store.WithoutVectorAsync(name, behind, AtOnce, _stopping.Token) is { Count: > 0 } chunks)
            {
                var embedded = await model.TryAsync([.. chunks.Select(c => KnowledgeService.TextOf(c.Heading, c.Content))], s_patience, _stopping.Token);
                if (embedded?.Model != name)
                {
                    Wanted();
                    break;
                }

                filled += await store.PutVectorsAsync(name, [.. chunks.Zip(embedded.Vectors)], _stopping.Token);
                behind = chunks[^1].Id;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or StoreException or ObjectDisposedException)
        {
            Wanted();
        }

        if (filled > 0)
        {
            LogFilled(logger, filled, name);
        }
    }

    [LoggerMessage(EventName = "knowledge_embedded", Level = LogLevel.Information, Message = "{Count} chunks of the knowledge got their vectors of {Model}")]
    private static partial void LogFilled(ILogger log, int count, string model);
}
