using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.A2A.Artifacts;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>The tasks of this process that have not ended.</summary>
internal sealed partial class TaskHub(TaskServices services) : ITaskArtifacts
{
    private readonly ConcurrentDictionary<string, LiveTask> _live = new(StringComparer.Ordinal);
    private volatile bool _isClosed;

    /// <summary>The open task of that id, worked on from now on. If there is none it says so when it is asked.</summary>
    public LiveTask Open(string id)
    {
        var live = Get(id);
        live.Drive();
        return live;
    }

    /// <summary>The task, its turn not begun by this.</summary>
    public LiveTask Get(string id)
    {
        if (_live.TryGetValue(id, out var known))
        {
            return known;
        }

        var made = new LiveTask(id, services, over => _live.TryRemove(KeyValuePair.Create(over.Id, over)));
        var live = _live.GetOrAdd(id, made);
        if (ReferenceEquals(live, made))
        {
            made.Start();
            if (_isClosed)
            {
                made.Close();
            }
        }

        return live;
    }

    /// <inheritdoc/>
    public Task<bool> AttachAsync(string taskId, Artifact artifact) => _live.TryGetValue(taskId, out var live) ? live.AttachAsync(artifact) : Task.FromResult(false);

    /// <summary>Told of every event of every turn; takes those of tasks.</summary>
    public void Happened(NewTurn turn, TurnEvent happened)
    {
        if (turn.Origin == TaskFormat.Origin && turn.ThreadId.StartsWith(TaskFormat.ThreadPrefix, StringComparison.Ordinal))
        {
            Get(turn.TurnId).Happened(happened);
        }
    }

    /// <summary>Told of each turn's end: one that waited may have ended without running.</summary>
    public void Ended(TurnEnded turn)
    {
        if (turn.Origin == TaskFormat.Origin && turn.ThreadId.StartsWith(TaskFormat.ThreadPrefix, StringComparison.Ordinal) && _live.TryGetValue(turn.TurnId, out var live))
        {
            live.Drive();
        }
    }

    /// <summary>Goes on with what was left.</summary>
    public async Task GoOnAsync()
    {
        try
        {
            if (services.Store.IsThere)
            {
                foreach (var id in await (await services.Store.GetAsync()).OpenIdsAsync())
                {
                    Open(id);
                }
            }
        }
        catch (StoreException e)
        {
            LogNotGoneOn(services.Logger, e.Message);
        }
    }

    /// <summary>The instance stops: whoever reads is let go.</summary>
    public void Close()
    {
        _isClosed = true;
        foreach (var live in _live.Values)
        {
            live.Close();
        }
    }

    [LoggerMessage(EventName = "a2a_not_gone_on", Level = LogLevel.Error, Message = "tasks of peers that were left are not gone on with: {Reason}")]
    private static partial void LogNotGoneOn(ILogger log, string reason);
}
