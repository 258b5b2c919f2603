using System.Diagnostics.Metrics;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Tools.Mcp;
using ProtoAgent.Instances;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Composition;

/// <summary>
/// What an instance has and does, as instruments that are looked at when somebody collects and cost nothing in between. What has to be
/// asked of a store is asked by <see cref="RefreshAsync"/> before; a store in trouble has no series, and the warnings say why.
/// </summary>
internal sealed class InstanceGauges : IDisposable
{
    /// <summary>Of the meter.</summary>
    public const string Name = "ProtoAgent.Instance";

    private readonly AgentParts _agent;
    private readonly CheckpointStore _checkpoints;
    private readonly Func<IReadOnlyList<StandingWarning>> _warnings;
    private readonly Meter _meter = new(Name);
    private volatile Counts _counts = new(null, null, null, null, []);

    public InstanceGauges(AgentParts agent, CheckpointStore checkpoints, Func<IReadOnlyList<StandingWarning>> warnings, DateTimeOffset startedAt, TimeProvider time)
    {
        _agent = agent;
        _checkpoints = checkpoints;
        _warnings = warnings;
        _meter.CreateObservableGauge("protoagent.uptime", () => (time.GetUtcNow() - startedAt).TotalSeconds, "s", "How long the instance has been up.");
        _meter.CreateObservableGauge("protoagent.warnings", () => _counts.Warnings, "{warning}", "Standing problems, by code.");
        _meter.CreateObservableGauge("protoagent.turns.active", () => agent.Turns.Active, "{turn}", "Turns that run or wait for their thread.");
        _meter.CreateObservableGauge("protoagent.threads", () => One(_counts.Threads), "{thread}", "Conversations that are kept.");
        _meter.CreateObservableGauge("protoagent.inbox.pending", () => One(_counts.Inbox), "{item}", "Items of the inbox nobody has read.");
        _meter.CreateObservableGauge("protoagent.knowledge.chunks", () => One(_counts.Chunks), "{chunk}", "Chunks of knowledge that are searched.");
        _meter.CreateObservableGauge("protoagent.scheduler.jobs", () => One(_counts.Jobs), "{job}", "Scheduled jobs.");
        _meter.CreateObservableGauge("protoagent.scheduler.state", State, null, "1 for the state the schedule is in here.");
        _meter.CreateObservableGauge("protoagent.scheduler.next_fire.timestamp", NextFire, "s", "When the next job is due, in Unix time.");
        _meter.CreateObservableGauge("protoagent.mcp.servers", Servers, "{server}", "MCP servers this instance calls, by state.");
        _meter.CreateObservableGauge("protoagent.event_streams.active", () => agent.Events.Listeners, "{stream}", "Readers of the event stream.");
        _meter.CreateObservableCounter("protoagent.events", Events, "{event}", "What happened since the start, by topic: jobs due, done, failed, missed; items of the inbox; and so on.");
        _meter.CreateObservableGauge("protoagent.store.writes.waiting", () => Loads(l => l.Waiting), "{write}", "Writes that wait for a store's next transaction.");
        _meter.CreateObservableCounter("protoagent.store.commits", () => Loads(l => l.Commits), "{commit}", "Transactions of a store since the start.");
    }

    /// <summary>Asks the stores.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        _counts = new Counts(
            await CountAsync(_checkpoints.CountThreadsAsync, cancellationToken),
            await CountAsync(_agent.Inbox.CountPendingAsync, cancellationToken),
            await CountAsync(_agent.Knowledge.Service.CountAsync, cancellationToken),
            await CountAsync(_agent.Scheduler.CountAsync, cancellationToken),
            [.. _warnings().CountBy(w => w.Code, StringComparer.Ordinal).Select(w => new Measurement<long>(w.Value, Tag("code", w.Key)))]);
    }

    public void Dispose() => _meter.Dispose();

    private static async Task<long?> CountAsync(Func<CancellationToken, Task<long>> count, CancellationToken cancellationToken)
    {
        try
        {
            return await count(cancellationToken);
        }
        catch (StoreException)
        {
            return null;
        }
    }

    private static IEnumerable<Measurement<long>> One(long? value) => value is { } known ? [new Measurement<long>(known)] : [];

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static List<Measurement<long>> Loads(Func<StoreLoad, long> value) => [.. StoreLoad.All().Select(l => new Measurement<long>(value(l), Tag("store", l.Store)))];

    /// <summary>Every state each time: a series that goes away when it ends looks like a scrape that failed.</summary>
    private List<Measurement<long>> State()
    {
        var now = _agent.Scheduler.Status.State;
        return [.. Enum.GetValues<SchedulerState>().Select(s => new Measurement<long>(s == now ? 1 : 0, Tag("state", SchedulerStatus.NameOf(s))))];
    }

    private IEnumerable<Measurement<double>> NextFire() =>
        _agent.Scheduler.Status.NextFire is { } next ? [new Measurement<double>(next.ToUnixTimeMilliseconds() / 1000d)] : [];

    private List<Measurement<long>> Servers()
    {
        var servers = _agent.Mcp.List();
        return [.. Enum.GetValues<McpServerState>().Select(s => new Measurement<long>(servers.Count(v => v.State == s), Tag("state", s.ToString().ToLowerInvariant())))];
    }

    private List<Measurement<long>> Events() => [.. _agent.Events.Told.Select(t => new Measurement<long>(t.Value, Tag("topic", t.Key)))];

    private sealed record Counts(long? Threads, long? Inbox, long? Chunks, long? Jobs, IReadOnlyList<Measurement<long>> Warnings);
}
