using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ProtoAgent.Instances;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores;
using ProtoAgent.Stores.A2APush;

namespace ProtoAgent.Protocols.A2A.Push;

/// <summary>
/// Writes what happens to tasks before those who want to be told of it, and sees to it that they are. Nothing runs while nothing happens; what was
/// left by a process that stopped is gone on with by the next.
/// </summary>
internal sealed partial class PushOutbox : IAsyncDisposable
{
    /// <summary>Updates that may wait to be written; more are lost, but for ends, which the next start finds.</summary>
    private const int MostUnwritten = 10_000;

    /// <summary>Updates that may wait for one receiver.</summary>
    private const int MostWaiting = 500;

    private readonly PushServices _services;
    private readonly PushDelivery _delivery;
    private readonly ArtifactJoiner _joiner = new();
    private readonly ConcurrentDictionary<string, byte> _watched = new(StringComparer.Ordinal);
    private readonly Channel<Item> _items = Channel.CreateBounded<Item>(new BoundedChannelOptions(MostUnwritten) { SingleReader = true });
    private volatile bool _isLoaded;
    private Task _working = Task.CompletedTask;

    public PushOutbox(PushServices services)
    {
        _services = services;
        _delivery = new PushDelivery(services);
    }

    /// <summary>Goes on with what was left, once the doors are open.</summary>
    public void Start() => _working = Task.Run(WorkAsync);

    /// <summary>Somebody wants to be told of the task.</summary>
    public void Watch(string taskId) => _watched.TryAdd(taskId, 0);

    /// <summary>Neither waits nor throws.</summary>
    public void Happened(string taskId, StreamResponse update)
    {
        if ((_isLoaded && !_watched.ContainsKey(taskId)) || _items.Writer.TryWrite(new Item(taskId, update, null)))
        {
            return;
        }

        LogLost(_services.Logger, taskId);
    }

    /// <summary>If the task has ended, those who were not told that are told. Behind whatever happened before.</summary>
    public async Task SettleAsync(string taskId)
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (await _items.Writer.WaitToWriteAsync() && _items.Writer.TryWrite(new Item(taskId, null, settled)))
        {
            await settled.Task;
        }
    }

    public void Forget(PushTarget target) => _delivery.Forget(target);

    /// <summary>Receivers that are not reached.</summary>
    public IEnumerable<StandingWarning> Warnings() => _delivery.Warnings();

    /// <summary>Writes what waits; what is not delivered stays in the outbox. Safe unstarted, and twice.</summary>
    public async ValueTask DisposeAsync()
    {
        _items.Writer.TryComplete();
        await _working;
        await _delivery.DisposeAsync();
    }

    private async Task WorkAsync()
    {
        await SafelyAsync("*", LoadAsync);
        _isLoaded = true;
        await foreach (var item in _items.Reader.ReadAllAsync())
        {
            await SafelyAsync(item.TaskId, () => item.Update is { } update ? TakeAsync(item.TaskId, update) : LookAsync(item.TaskId));
            item.Settled?.TrySetResult();
        }
    }

    private async Task LoadAsync()
    {
        if (!_services.Store.IsThere)
        {
            return;
        }

        var store = await _services.Store.GetAsync();
        foreach (var task in await store.OpenTasksAsync())
        {
            Watch(task);
            await LookAsync(task);
        }

        foreach (var target in await store.WaitingAsync())
        {
            _delivery.Deliver(target);
        }
    }

    private async Task TakeAsync(string taskId, StreamResponse update)
    {
        if (_watched.ContainsKey(taskId) && _joiner.Join(taskId, update) is { } whole)
        {
            await AddAsync(taskId, whole);
        }
    }

    private async Task LookAsync(string taskId)
    {
        if (await _services.TaskOf(taskId) is { ContextId: { } context } task && task.Status.State.IsTerminal())
        {
            await AddAsync(taskId, new StreamResponse { StatusUpdate = new TaskStatusUpdateEvent { TaskId = taskId, ContextId = context, Status = task.Status } });
        }
    }

    private async Task AddAsync(string taskId, StreamResponse update)
    {
        var isEnd = ArtifactJoiner.IsEnd(update);
        foreach (var target in await (await _services.Store.GetAsync()).AddAsync(taskId, JsonSerializer.Serialize(update, A2AJson.Default.StreamResponse), isEnd, MostWaiting))
        {
            _delivery.Deliver(target);
        }

        if (isEnd)
        {
            _watched.TryRemove(taskId, out _);
        }
    }

    private async Task SafelyAsync(string taskId, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e)
        {
            LogFailed(_services.Logger, e is StoreException ? null : e, taskId, e.Message);
        }
    }

    private sealed record Item(string TaskId, StreamResponse? Update, TaskCompletionSource? Settled);

    [LoggerMessage(EventName = "a2a_push_lost", Level = LogLevel.Warning, Message = "an update of task {Task} is not pushed: too many wait to be written")]
    private static partial void LogLost(ILogger log, string task);

    [LoggerMessage(EventName = "a2a_push_failed", Level = LogLevel.Error, Message = "an update of task {Task} could not be put before those who want to be told: {Reason}")]
    private static partial void LogFailed(ILogger log, Exception? e, string task, string reason);
}
