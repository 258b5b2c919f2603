using Microsoft.Extensions.Logging;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Memory;

namespace ProtoAgent.Agent.Memory;

/// <summary>Writes down what entered which turn, beside the turn.</summary>
public sealed partial class InjectionLog(LateStore<InjectionStore> store, ILogger<InjectionLog> logger)
{
    private readonly Lock _gate = new();
    private Task _writing = Task.CompletedTask;

    /// <summary>Neither waits nor throws.</summary>
    public void Record(Injection injection)
    {
        lock (_gate)
        {
            _writing = _writing.IsCompleted ? WriteAsync(injection) : Task.WhenAll(_writing, WriteAsync(injection));
        }
    }

    /// <inheritdoc cref="InjectionStore.ListAsync"/>
    public async Task<InjectionPage> ListAsync(string? sessionId, int limit, string? cursor, CancellationToken cancellationToken = default)
    {
        await FlushAsync();
        return store.IsThere || cursor is not null ? await (await store.GetAsync()).ListAsync(sessionId, limit, cursor, cancellationToken) : new InjectionPage([], null);
    }

    /// <exception cref="StoreException">They are still there.</exception>
    public async Task ForgetAsync(string sessionId)
    {
        await FlushAsync();
        if (store.IsThere)
        {
            await (await store.GetAsync()).DeleteSessionAsync(sessionId);
        }
    }

    /// <summary>Ends when those recorded by now are written, or can't be. Before the store is closed.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            return _writing;
        }
    }

    private async Task WriteAsync(Injection injection)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await (await store.GetAsync()).RecordAsync(injection);
        }
        catch (StoreException e)
        {
            LogUnrecorded(logger, injection.TurnId, e.Message);
        }
    }

    [LoggerMessage(EventName = "injection_unrecorded", Level = LogLevel.Warning, Message = "what of the memory entered turn {Turn} could not be written down: {Reason}")]
    private static partial void LogUnrecorded(ILogger log, string turn, string reason);
}
