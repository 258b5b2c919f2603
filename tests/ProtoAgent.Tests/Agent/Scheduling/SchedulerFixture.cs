using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Jobs;
using ProtoAgent.Tests.Agent.Turns;

namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>A scheduler over real files, with turns of a scripted model, on a clock that stands until the test moves it.</summary>
internal sealed class SchedulerFixture : IAsyncDisposable
{
    private readonly List<Scheduler> _schedulers = [];
    private readonly EventSubscription _heard;

    public TurnFixture Turns { get; } = new() { ModelOptions = new ModelOptions { Provider = "openai", Name = "m1", Timeout = TimeSpan.FromHours(1) } };

    public SchedulerOptions Options { get; set; } = new();

    public EventBus Events { get; }

    public Scheduler Scheduler { get; private set; } = null!;

    public IJobDesk Desk => Scheduler.Desk;

    public LogList Log { get; } = new();

    public ConcurrentQueue<NewActivity> Activity { get; } = [];

    private readonly Channel<(string State, DateTimeOffset? Next)> _published = Channel.CreateUnbounded<(string State, DateTimeOffset? Next)>();

    public DateTimeOffset Now => Turns.Time.GetUtcNow();

    public SchedulerFixture()
    {
        Events = new EventBus(Turns.Time);
        _heard = Events.Subscribe();
    }

    public async Task<SchedulerFixture> StartAsync()
    {
        await Turns.StartAsync();
        StartOnly();
        await HeardAsync("scheduler.running");
        return this;
    }

    public Scheduler StartOnly(SchedulerServices? services = null)
    {
        Scheduler = Another(services);
        Scheduler.Start();
        return Scheduler;
    }

    /// <summary>A scheduler of another process, as far as the files can tell; not started.</summary>
    public Scheduler Another(SchedulerServices? services = null)
    {
        var scheduler = new Scheduler(services ?? Services());
        _schedulers.Add(scheduler);
        return scheduler;
    }

    public SchedulerServices Services() => new(
        Turns.Paths,
        new LockHolder(4711, 7871, "alice", "protoagent", "here", Now, "1.0"),
        Turns.Process,
        Turns.IsLive,
        () => Turns.Runner,
        Turns.Store,
        (line, _) =>
        {
            Activity.Enqueue(line);
            return Task.CompletedTask;
        },
        Events,
        Turns.Time,
        Log)
    {
        Options = Options, Publish = (state, next) => _published.Writer.TryWrite((state, next)),
    };

    public async Task<Job> AddAsync(string prompt = "water the plants", string schedule = "every 1m", JobPolicy? policy = null, string? session = null) =>
        (await Desk.AddAsync(new JobDraft(prompt, schedule) { Policy = policy, SessionId = session }, CancellationToken.None)).Job;

    public void Pass(double minutes) => Turns.Time.Advance(TimeSpan.FromMinutes(minutes));

    /// <summary>Until an event of that topic comes; those before it are passed over.</summary>
    public async Task<JsonObject> HeardAsync(string topic)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var happened = await _heard.Events.ReadAsync(late.Token);
            if (happened.Topic == topic)
            {
                return JsonNode.Parse(happened.Data.Span)!.AsObject();
            }
        }
    }

    /// <summary>Until the box registry is told this: the schedule is looked at beside the runs, so nothing else says when.</summary>
    public async Task PublishedAsync(string state, DateTimeOffset? next)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await _published.Reader.ReadAsync(late.Token) != (state, next))
        {
        }
    }

    /// <summary>The model is asked, and says this.</summary>
    public async Task<ScriptedClient.Call> AnswerAsync(string text = "done")
    {
        var call = await Turns.Model.NextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        call.Answer(text);
        return call;
    }

    public async Task<ScriptedClient.Call> FailAsync()
    {
        var call = await Turns.Model.NextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        call.Fail(new HttpRequestException("the model is out"));
        return call;
    }

    public async Task<IReadOnlyList<Run>> RunsAsync(Job job) => (await Desk.RunsAsync(job.Id, 500, null, CancellationToken.None)).Items;

    /// <summary>"status reason" of the job's runs, the earliest due first.</summary>
    public async Task<List<string>> LedgerAsync(Job job) => [.. (await RunsAsync(job)).Reverse().Select(r => $"{JobNames.Of(r.Status)} {r.Reason}".TrimEnd())];

    /// <summary>Asks the ledger from beside the scheduler.</summary>
    public async Task<T> ReadAsync<T>(Func<IJobStore, Task<T>> read)
    {
        await using var store = await JobStore.OpenAsync(Turns.Paths, Turns.Time, Log);
        return await read(store);
    }

    public async Task<Job> GetAsync(Job job) => (await Desk.GetAsync(job.Id, CancellationToken.None))!;

    public async ValueTask DisposeAsync()
    {
        _schedulers.ForEach(s => s.StopFiring());
        await Turns.Runner.StopAsync(TimeSpan.Zero);
        foreach (var scheduler in _schedulers)
        {
            await scheduler.DisposeAsync();
        }

        _heard.Dispose();
        await Turns.DisposeAsync();
    }
}
