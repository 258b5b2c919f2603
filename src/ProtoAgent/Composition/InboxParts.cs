using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Inbox;
using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Configuration;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Inbox;

namespace ProtoAgent.Composition;

/// <summary>The inbox and the activity. Their files are opened when they are needed; in trouble, the instance serves the rest.</summary>
internal sealed class InboxParts : IAsyncDisposable
{
    private readonly LateStore<InboxStore> _inbox;
    private readonly LateStore<ActivityStore> _activity;
    private readonly List<Retention> _retentions = [];

    /// <param name="turns">Asked late: the runner needs these before it is.</param>
    public InboxParts(
        InstanceConfiguration configuration, CheckpointStore checkpoints, InstanceRecord instance, Func<string, bool> isLive, EventBus events, Func<TurnRunner> turns, TimeProvider time, ILoggerFactory loggers)
    {
        var (paths, settings) = (configuration.Paths, configuration.Settings.Inbox);
        _inbox = new LateStore<InboxStore>("inbox", paths.Inbox, () => InboxStore.OpenAsync(paths, isLive, time, loggers.CreateLogger<InboxStore>()), s => s.Problem);
        _activity = new LateStore<ActivityStore>("activity", paths.Activity, () => ActivityStore.OpenAsync(paths, time, loggers.CreateLogger<ActivityStore>()), s => s.Problem);
        Activity = new ActivityLog(_activity, events, loggers.CreateLogger<ActivityLog>());
        Inbox = new InboxService(_inbox, checkpoints, turns, Activity, events, instance.ProcessId, settings.Options, time, loggers.CreateLogger<InboxService>());
        Tools = [new CheckInboxTool(Inbox, configuration.Settings.Agent.Tools)];
        Keep("items of the inbox", settings.Retention, _inbox, (s, before, cancelled) => s.DeleteBeforeAsync(before, cancelled));
        Keep("lines of activity", settings.ActivityRetention, _activity, (s, before, cancelled) => s.DeleteBeforeAsync(before, cancelled));

        void Keep<T>(string what, TimeSpan? keep, LateStore<T> store, Func<T, DateTimeOffset, CancellationToken, Task<long>> delete)
            where T : class, IAsyncDisposable
        {
            if (keep is { } span)
            {
                _retentions.Add(new Retention(
                    what, span, async (before, cancelled) => store.IsThere ? await delete(await store.GetAsync(), before, cancelled) : 0, time, loggers.CreateLogger<Retention>()));
            }
        }
    }

    public InboxService Inbox { get; }

    public ActivityLog Activity { get; }

    public IReadOnlyList<Tool> Tools { get; }

    /// <summary>Told of each turn's end.</summary>
    public void TurnEnded(TurnEnded turn)
    {
        Activity.TurnEnded(turn);
        Inbox.TurnEnded(turn);
    }

    /// <summary>What runs by itself, once the doors are open.</summary>
    public void Start()
    {
        Inbox.Start();
        _retentions.ForEach(r => r.Start());
    }

    public IEnumerable<StandingWarning> Warnings()
    {
        foreach (var (problem, without) in new[] { (_inbox.Problem, "Items are refused until then; turns go on."), (_activity.Problem, "Turns go on; the activity misses what they did until then.") })
        {
            if (problem is not null)
            {
                yield return new StandingWarning(problem.Code, problem.Message, without);
            }
        }
    }

    /// <summary>Once no turn runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var retention in _retentions)
        {
            await retention.DisposeAsync();
        }

        await Inbox.DisposeAsync();
        await Activity.FlushAsync();
        await _inbox.DisposeAsync();
        await _activity.DisposeAsync();
    }
}
