using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Memory;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Tools.Memory;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Stores.Memory;
using ProtoAgent.Tests.Agent.Turns;

namespace ProtoAgent.Tests.Agent.Memory;

/// <summary>An instance's memory beside a real runner, over real files; another process's when the first one dies.</summary>
internal sealed class MemoryBench : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _made = [];

    public TurnFixture Turns { get; } = new();

    public MemoryOptions Options { get; set; } = new() { Model = "cheap" };

    public KnowledgeOptions KnowledgeOptions { get; set; } = new();

    /// <summary>The model that takes facts.</summary>
    public ScriptedClient Cheap { get; } = new();

    public string Provider { get; set; } = "openai";

    public List<HotWrite> HotWrites { get; } = [];

    public SessionFiles Files { get; private set; } = null!;

    public SessionMemory Sessions { get; private set; } = null!;

    public FactHarvest Facts { get; private set; } = null!;

    public KnowledgeService Knowledge { get; private set; } = null!;

    public InjectionLog Injections { get; private set; } = null!;

    public IncognitoThreads Incognito { get; private set; } = null!;

    public async Task<MemoryBench> StartAsync()
    {
        Turns.Opened = Build;
        await Turns.StartAsync();
        return this;
    }

    /// <summary>One turn; the call its answer was given to.</summary>
    public async Task<ScriptedClient.Call> SayAsync(string message, string reply = "very well", string thread = "t", bool incognito = false)
    {
        var turn = Turns.Runner.Start(new TurnRequest { Message = message, ThreadId = thread, Origin = "operator", Incognito = incognito });
        var call = await Turns.Model.NextAsync();
        call.Answer(reply);
        await turn.Completion;
        await Sessions.FlushAsync();
        return call;
    }

    public static string Told(ScriptedClient.Call call) => call.Messages.Where(m => m.Role == ChatRole.System).Select(m => m.Text).FirstOrDefault() ?? "";

    public async Task<List<Chunk>> KnownAsync(string domain) =>
        [.. (await (await Knowledge.StoreAsync()).ListAsync(new ChunkFilter(Domain: domain), withInvalid: false, 100)).Items];

    public async ValueTask DisposeAsync()
    {
        await Turns.Runner.StopAsync(TimeSpan.Zero);
        foreach (var made in _made)
        {
            await made.DisposeAsync();
        }

        await Turns.DisposeAsync();
    }

    private void Build()
    {
        var (store, time) = (Turns.Store, Turns.Time);
        Knowledge = new KnowledgeService(Turns.Paths, KnowledgeOptions, time, NullLoggerFactory.Instance) { HotWritten = HotWrites.Add };
        Files = new SessionFiles(Turns.Paths, time, NullLogger<SessionFiles>.Instance);
        Sessions = new SessionMemory(Files, store, Options, time, NullLogger<SessionMemory>.Instance);
        var models = new ModelCatalog(new ModelOptions { Provider = Provider, Name = "m1", Names = ["cheap"] }, _ => Cheap, time);
        Facts = new FactHarvest(Sessions, store, Knowledge, models, Options, time, NullLogger<FactHarvest>.Instance);
        var injections = new LateStore<InjectionStore>("memory_injections", Turns.Paths.MemoryInjections, () => InjectionStore.OpenAsync(Turns.Paths, NullLogger<InjectionStore>.Instance), s => s.Problem);
        Injections = new InjectionLog(injections, NullLogger<InjectionLog>.Instance);
        var context = new MemoryContext(Sessions, Knowledge, Injections, Options, time, NullLogger<MemoryContext>.Instance);
        Incognito = new IncognitoThreads(store, Options, time, NullLogger<IncognitoThreads>.Instance);
        var (sessions, incognito) = (Sessions, Incognito);
        Turns.Providers.Clear();
        Turns.Providers.Add(context);
        Turns.Tools.RemoveAll(t => t is RecallSessionTool);
        Turns.Tools.Add(new RecallSessionTool(Sessions));
        Turns.Ended = turn =>
        {
            context.TurnEnded(turn);
            sessions.TurnEnded(turn);
            incognito.TurnEnded(turn);
        };
        _made.InsertRange(0, [Facts, Sessions, Incognito, injections, Knowledge]);
    }
}
