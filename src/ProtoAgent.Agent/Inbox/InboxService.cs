using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Inbox;

namespace ProtoAgent.Agent.Inbox;

/// <summary>What others leave for the agent, and what the agent makes of it; see README.md.</summary>
public sealed partial class InboxService : IAsyncDisposable
{
    private readonly LateStore<InboxStore> _store;
    private readonly InboxOptions _options;
    private readonly InboxNews _news;
    private readonly InboxReading _reading;
    private readonly InboxFiring _firing;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Task _settling = Task.CompletedTask;

    /// <param name="turns">Asked late: the runner needs the tools before it is, and they need this.</param>
    /// <param name="claimer">This process, as the box registry names it.</param>
    public InboxService(
        LateStore<InboxStore> store,
        ICheckpointStore checkpoints,
        Func<TurnRunner> turns,
        ActivityLog activity,
        EventBus events,
        string claimer,
        InboxOptions options,
        TimeProvider time,
        ILogger<InboxService> logger)
    {
        _store = store;
        _options = options;
        _logger = logger;
        _news = new InboxNews(events);
        _firing = new InboxFiring(store, checkpoints, turns, new InboxSigning(store, activity, _news, options, logger), claimer, time, logger);
        _reading = new InboxReading(store, checkpoints, _news, _firing.Wake, logger);
    }

    /// <summary>Answers when it is on the disk.</summary>
    /// <exception cref="BadItemException">It can't be an item.</exception>
    /// <exception cref="StoreException">It is not kept.</exception>
    public async Task<InboxAdd> PostAsync(NewItem item, CancellationToken cancellationToken = default)
    {
        var answer = await (await _store.GetAsync()).AddAsync(item, _options.DedupWindow, _options.StormLimit, cancellationToken);
        if (answer is InboxAdd.Added { Item: var added })
        {
            _news.Waits(added);
            if (added.Priority == InboxPriority.Now)
            {
                _firing.Wake();
            }
        }
        else if (answer is InboxAdd.Storm { Refused: 1, Notice: var notice })
        {
            _news.Waits(notice);
        }

        return answer;
    }

    /// <inheritdoc cref="InboxStore.ListAsync"/>
    public async Task<InboxPage> ListAsync(InboxPriority floor, bool includeDelivered, int limit, string? cursor, CancellationToken cancellationToken = default) =>
        _store.IsThere || cursor is not null
            ? await (await _store.GetAsync()).ListAsync(floor, includeDelivered, limit, cursor, cancellationToken)
            : new InboxPage([], Next: null);

    /// <summary>Null if there is no such item.</summary>
    public async Task<InboxItem?> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _store.IsThere ? await (await _store.GetAsync()).GetAsync(id, cancellationToken) : null;

    /// <inheritdoc cref="InboxStore.CountPendingAsync"/>
    public async Task<long> CountPendingAsync(CancellationToken cancellationToken = default) =>
        _store.IsThere ? await (await _store.GetAsync()).CountPendingAsync(cancellationToken) : 0;

    /// <summary>A person says that it is dealt with. Null if there is no such item.</summary>
    public async Task<InboxItem?> DeliverAsync(string id)
    {
        if (!_store.IsThere)
        {
            return null;
        }

        var store = await _store.GetAsync();
        var before = await store.GetAsync(id);
        var item = await store.MarkDeliveredAsync(id);
        if (item is not null && before is { Status: not InboxStatus.Delivered })
        {
            _news.Delivered(item);
        }

        return item;
    }

    /// <summary>False if there is no such item.</summary>
    public async Task<bool> DeleteAsync(string id)
    {
        if (!_store.IsThere || !await (await _store.GetAsync()).DeleteAsync(id))
        {
            return false;
        }

        _news.Deleted(id);
        return true;
    }

    /// <summary>A call of a turn reads what waits; the same call reads the same again.</summary>
    /// <param name="characters">Of all texts together.</param>
    internal Task<InboxRead> ReadAsync(InboxPriority floor, int limit, int characters, ToolCall call, CancellationToken cancellationToken) =>
        _reading.ReadAsync(floor, limit, characters, call, cancellationToken);

    /// <summary>Takes up what dead processes left. Does nothing where there is no inbox yet.</summary>
    public void Start()
    {
        if (_store.IsThere)
        {
            Settle(_reading.SettleLeftAsync);
            _firing.Wake();
        }
    }

    /// <summary>Told by the runner. Neither waits nor throws.</summary>
    public void TurnEnded(TurnEnded turn)
    {
        // What was read before this process opened the file is settled when it does.
        if (_store.IsOpen)
        {
            Settle(() => _reading.SettleAsync(turn.TurnId));
        }
    }

    /// <summary>Once no turn runs any more, and before the store is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _firing.DisposeAsync();
        Task settling;
        lock (_gate)
        {
            settling = _settling;
        }

        await settling;
    }

    /// <summary>Beside whatever asked for it. What can't be settled now is at the next start.</summary>
    private void Settle(Func<Task> settle)
    {
        lock (_gate)
        {
            _settling = _settling.IsCompleted ? RunAsync() : Task.WhenAll(_settling, RunAsync());
        }

        async Task RunAsync()
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            try
            {
                await settle();
            }
            catch (Exception e)
            {
                LogUnsettled(_logger, e is StoreException ? null : e, e.Message);
            }
        }
    }

    [LoggerMessage(EventName = "inbox_unsettled", Level = LogLevel.Warning, Message = "what turns read of the inbox is not settled; the next start does it: {Reason}")]
    private static partial void LogUnsettled(ILogger log, Exception? e, string reason);
}
