using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Commands;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>A runner over a real file with a scripted model; another process's runner over the same file when the first one "dies".</summary>
internal sealed class TurnFixture : IAsyncDisposable
{
    private readonly TempFolder _temp = new();
    private readonly ConcurrentDictionary<string, bool> _live = [];
    private readonly List<ICheckpointStore> _stores = [];
    private readonly List<TurnRunner> _runners = [];
    private int _processes;

    public InstancePaths Paths => _temp.Paths();

    public WatchedTime Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public ScriptedClient Model { get; private set; } = new();

    public Dictionary<string, ScriptedClient> Models { get; } = [];

    public ModelOptions ModelOptions { get; set; } = new() { Provider = "openai", Name = "m1", Timeout = TimeSpan.FromSeconds(30) };

    public TurnOptions Options { get; set; } = new();

    public ContextOptions Context { get; set; } = new();

    public ToolOptions ToolOptions { get; set; } = new();

    public List<Tool> Tools { get; } = [];

    public List<IContextProvider> Providers { get; } = [];

    public List<SubagentOptions> Subagents { get; } = [];

    public List<ICommandSource> Commands { get; } = [];

    public Func<string, ToolCall, CancellationToken, ValueTask<string>> KeepLongResult { get; set; } = (text, _, _) => ValueTask.FromResult(text);

    public Action<TurnEnded> Ended { get; set; } = _ => { };

    public Action<NewTurn, TurnEvent> Happened { get; set; } = (_, _) => { };

    public Action<Approval> Decided { get; set; } = _ => { };

    /// <summary>Once a process has its store and before it has its runner.</summary>
    public Action Opened { get; set; } = () => { };

    public ICheckpointStore Store { get; private set; } = null!;

    /// <summary>The process that lives.</summary>
    public string Process => $"p{_processes}";

    public TurnRunner Runner { get; private set; } = null!;

    public async Task<TurnFixture> StartAsync()
    {
        var name = $"p{++_processes}";
        _live[name] = true;
        Store = await CheckpointStore.OpenAsync(_temp.Paths(), r => _live.GetValueOrDefault(r), Time, NullLogger.Instance);
        _stores.Add(Store);
        Opened();
        Model = new ScriptedClient();
        var model = Model;
        TurnRunner? runner = null;
        var catalog = new ToolCatalog(ToolOptions, [new BuiltInTools([.. Tools]), new SubagentTools(Subagents, 4, Store, () => runner!)]);
        Runner = runner = new TurnRunner(new TurnServices(Store, new ModelCatalog(ModelOptions, n => Models.GetValueOrDefault(n) ?? model), name, Time, NullLogger.Instance)
        {
            Options = Options, Context = Context, ContextProviders = Providers, Tools = catalog, Subagents = Subagents, Commands = Commands, KeepLongResult = KeepLongResult, Ended = Ended, Decided = Decided, Happened = (turn, e) => Happened(turn, e),
        });
        _runners.Add(Runner);
        return this;
    }

    /// <summary>The process is gone: what it was at stays as it is, and it is never heard of again. Another one starts.</summary>
    public async Task CrashAsync()
    {
        Die();
        await StartAsync();
    }

    public void Die() => _live[Process] = false;

    public bool IsLive(string process) => _live.GetValueOrDefault(process);

    public TurnHandle Send(string message, string thread = "t", bool attended = false) =>
        Runner.Start(new TurnRequest { Message = message, ThreadId = thread, Origin = "test", Attended = attended });

    /// <summary>"kind text" of every step; of calls and results with the tool.</summary>
    public async Task<List<string>> ThreadAsync(string thread = "t") => [.. (await Store.ReadStepsAsync(thread)).Select(ThreadEntry.Of).Select(e => e.Kind switch
    {
        StepKind.ToolCall => $"call {e.Content.Tool} {e.Content.Arguments}",
        StepKind.ToolStart => $"start {e.Content.Tool}",
        StepKind.ToolResult => $"{e.Content.Status} {e.Content.Tool} {e.Content.Text}",
        _ => $"{StoredNames.Of(e.Kind)} {e.Content.Text}",
    })];

    /// <summary>The end of a turn, whichever process comes to it.</summary>
    public async Task EndedAsync(TurnHandle turn)
    {
        while (await Store.GetTurnAsync(turn.TurnId) is { FinishedAt: null })
        {
            await Task.Yield();
        }
    }

    public static FunctionCallContent Call(string tool, string arguments = "{}", string id = "") =>
        new(id, tool, System.Text.Json.JsonDocument.Parse(arguments).RootElement.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value));

    public async ValueTask DisposeAsync()
    {
        foreach (var runner in _runners)
        {
            await runner.StopAsync(TimeSpan.Zero).WaitAsync(TimeSpan.FromSeconds(1)).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        _temp.Dispose();
    }
}
