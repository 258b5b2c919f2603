using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.CrashHost;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Checkpoints;

// One life of a process with one turn of three rounds: begins it, or goes on with what the life before left. Dies at the
// point it is told to, or comes to the end and says what is in the thread. Arguments: the data home, the point (0 for none).
var home = args[0];
var points = new Points(int.Parse(args[1], CultureInfo.InvariantCulture));
var me = Guid.NewGuid().ToString();
var paths = InstancePaths.Resolve(new InstanceIdentity(null, InstanceIdSource.None, "the test"), AgentName.Parse("a", "the test"), new DataHome(home, "the test"));
await using var store = new CrashingStore(await CheckpointStore.OpenAsync(paths, runner => runner == me, TimeProvider.System, NullLogger.Instance), points);
var effects = Path.Combine(home, "effects");
var tools = new ToolCatalog(
    new ToolOptions(),
    [new BuiltInTools([new Effects("again", ToolTraits.Idempotent, effects, points), new Effects("once", ToolTraits.None, effects, points)])]);
using var models = new ModelCatalog(new ModelOptions { Provider = "openai", Name = "scripted" }, _ => new ThreeRounds(points));
using var runner = new TurnRunner(new TurnServices(store, models, me, TimeProvider.System, NullLogger.Instance) { Tools = tools });
if (await store.GetThreadAsync("t") is null)
{
    // Not even begun: whoever asked was told nothing, and asks again.
    await runner.Start(new TurnRequest { Message = "go", ThreadId = "t", Attended = false }).Completion;
}
else
{
    await runner.ResumeAsync(CancellationToken.None);
    var turn = (await store.ReadStepsAsync("t"))[0].TurnId;
    while (await store.GetTurnAsync(turn) is { FinishedAt: null })
    {
        await Task.Yield();
    }
}

await runner.StopAsync(TimeSpan.FromMinutes(1));
foreach (var step in await store.ReadStepsAsync("t"))
{
    var content = StepContent.Parse(step.Content);
    Console.WriteLine($"step {StoredNames.Of(step.Kind)} {content.CallId}{(content.Status is { } status ? " " + status : "")} {content.Text}".TrimEnd());
}

Console.WriteLine($"turn {StoredNames.Of((await store.GetTurnAsync((await store.ReadStepsAsync("t"))[0].TurnId))!.Status)}");
return 0;
