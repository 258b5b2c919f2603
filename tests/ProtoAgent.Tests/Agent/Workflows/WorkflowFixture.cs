using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Workflows;
using Shouldly;

namespace ProtoAgent.Tests.Agent.Workflows;

/// <summary>Workflows over real files with a scripted model; another process's over the same files when the first one "dies".</summary>
internal sealed class WorkflowFixture : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TempFolder _temp = new();
    private readonly ConcurrentDictionary<string, bool> _live = [];
    private readonly List<WorkflowRunStore> _stores = [];
    private readonly List<(WorkflowRunner Runner, TurnRunner Turns, ICheckpointStore Store)> _processes = [];

    public WatchedTime Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public ScriptedClient Model { get; private set; } = new();

    public TurnOptions TurnOptions { get; set; } = new();

    public ToolOptions ToolOptions { get; set; } = new();

    public WorkflowOptions Options { get; set; } = new();

    public List<Tool> Tools { get; } = [];

    public List<SubagentOptions> Subagents { get; } = [];

    public EventBus Events { get; private set; } = null!;

    public EventSubscription Told { get; private set; } = null!;

    public ICheckpointStore Checkpoints { get; private set; } = null!;

    public TurnRunner Turns { get; private set; } = null!;

    public RecipeBook Book { get; private set; } = null!;

    public WorkflowRunner Runner { get; private set; } = null!;

    public string Name => $"p{_processes.Count}";

    public async Task<WorkflowFixture> StartAsync()
    {
        var name = $"p{_processes.Count + 1}";
        _live[name] = true;
        var paths = _temp.Paths();
        Checkpoints = await CheckpointStore.OpenAsync(paths, r => _live.GetValueOrDefault(r), Time, NullLogger.Instance);
        Model = new ScriptedClient();
        var model = Model;
        Events = new EventBus(Time);
        Told = Events.Subscribe();
        Book = new RecipeBook(paths.Workflows);
        TurnRunner? turns = null;
        WorkflowRunner? runner = null;
        runner = new WorkflowRunner(new WorkflowServices(
            new LateStore<WorkflowRunStore>("workflow_runs", paths.WorkflowRuns, () => WorkflowRunStore.OpenAsync(paths, Time, NullLogger<WorkflowRunStore>.Instance), s => s.Problem),
            Book, () => turns!, Checkpoints, Events, name, r => _live.GetValueOrDefault(r), Time, NullLogger<WorkflowRunner>.Instance) { Options = Options });
        var catalog = new ToolCatalog(ToolOptions, [new BuiltInTools([.. Tools, new RunWorkflowTool(() => runner), new SaveWorkflowTool(() => runner)]), new SubagentTools(Subagents, 4, Checkpoints, () => turns!)]);
        Turns = turns = new TurnRunner(new TurnServices(
            Checkpoints, new ModelCatalog(new ModelOptions { Provider = "openai", Name = "m1", Timeout = TimeSpan.FromMinutes(5) }, _ => model), name, Time, NullLogger.Instance)
        {
            Options = TurnOptions, Tools = catalog, Subagents = Subagents, Ended = runner.TurnEnded,
        });
        Runner = runner;
        _processes.Add((Runner, Turns, Checkpoints));
        return this;
    }

    /// <summary>The process is gone: what it was at stays as it is. Another one starts, and goes on as a start does.</summary>
    public async Task CrashAsync(bool goOn = true)
    {
        _live[Name] = false;
        await StartAsync();
        if (goOn)
        {
            await Turns.ResumeAsync(CancellationToken.None);
            await Runner.GoOnAsync();
        }
    }

    /// <summary>Another process beside this one, on the same files.</summary>
    public async Task<WorkflowRunner> BesideAsync()
    {
        await StartAsync();
        return Runner;
    }

    public void Save(string yaml)
    {
        var (recipe, problems) = RecipeReader.Read(yaml);
        problems.ShouldBeEmpty();
        Book.Save(recipe!, replace: true);
    }

    /// <summary>Saves the recipe and begins a run of it; its id.</summary>
    public async Task<string> RunAsync(string yaml, string inputs = "{}")
    {
        Save(yaml);
        return (await Runner.StartAsync(RecipeReader.Read(yaml).Recipe!.Name, JsonNode.Parse(inputs)!.AsObject(), "test")).Id;
    }

    public Task<WorkflowRunDetails> EndAsync(string run) => Runner.ParkedOrEndedAsync(run, CancellationToken.None).WaitAsync(Patience);

    /// <summary>Answers every call of a model with what is made of its last message, as long as the process lives.</summary>
    public void AnswerAll(Func<string, string> answer)
    {
        var model = Model;
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var call = await model.NextAsync();
                call.Answer(answer(call.Last));
            }
        });
    }

    public async Task<ScriptedClient.Call> NextAsync() => await Model.NextAsync().AsTask().WaitAsync(Patience);

    /// <summary>"topic step" of each event so far; of those of workflows without the first word.</summary>
    public List<string> Topics()
    {
        var topics = new List<string>();
        while (Told.Events.TryRead(out var happened))
        {
            var data = JsonNode.Parse(Encoding.UTF8.GetString(happened.Data.Span))!;
            topics.Add($"{happened.Topic.Replace("workflow.", "", StringComparison.Ordinal)} {data["step"]}".Trim());
        }

        return topics;
    }

    public static string Steps(WorkflowRunDetails run) => string.Join(", ", run.Steps.Select(s => $"{s.Id} {WorkflowNames.Of(s.Status)}"));

    public static FunctionCallContent Call(string tool, string arguments, string id = "c1") =>
        new(id, tool, JsonDocument.Parse(arguments).RootElement.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value));

    /// <summary>The file as another reader sees it.</summary>
    public async Task<WorkflowRunStore> OpenStoreAsync()
    {
        var store = await WorkflowRunStore.OpenAsync(_temp.Paths(), Time, NullLogger<WorkflowRunStore>.Instance);
        _stores.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        foreach (var (runner, turns, _) in _processes)
        {
            runner.Stop();
            await turns.StopAsync(TimeSpan.Zero).WaitAsync(TimeSpan.FromSeconds(1)).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        foreach (var (runner, _, store) in _processes)
        {
            await runner.StoppedAsync().WaitAsync(TimeSpan.FromSeconds(1)).ContinueWith(_ => { }, TaskScheduler.Default);
            await store.DisposeAsync();
        }

        _temp.Dispose();
    }
}
