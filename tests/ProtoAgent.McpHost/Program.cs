using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Inbox;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Skills;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;
using ProtoAgent.McpHost;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Mcp;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Inbox;
using ProtoAgent.Stores.Workflows;

// The program's own /mcp behind its own pipeline, over an agent with the offline model, and beside its tools those the conformance
// suite asks for. Argument: the data home. Says its address on stdout, and ends when stdin does.
var time = TimeProvider.System;
var me = Guid.NewGuid().ToString("N");
var paths = InstancePaths.Resolve(new InstanceIdentity(null, InstanceIdSource.None, "the test"), AgentName.Parse("a", "the test"), new DataHome(args[0], "the test"));
var events = new EventBus(time);
TurnRunner? running = null;
await using var checkpoints = await CheckpointStore.OpenAsync(paths, runner => runner == me, time, NullLogger.Instance);
using var models = new ModelCatalog(new ModelOptions { Provider = "offline", Name = "offline" }, time);
using var turns = running = new TurnRunner(new TurnServices(checkpoints, models, me, time, NullLogger.Instance));
await using var activity = new LateStore<ActivityStore>("activity", paths.Activity, () => ActivityStore.OpenAsync(paths, time, NullLogger<ActivityStore>.Instance), s => s.Problem);
await using var items = new LateStore<InboxStore>("inbox", paths.Inbox, () => InboxStore.OpenAsync(paths, runner => runner == me, time, NullLogger<InboxStore>.Instance), s => s.Problem);
await using var runs = new LateStore<WorkflowRunStore>("workflow_runs", paths.WorkflowRuns, () => WorkflowRunStore.OpenAsync(paths, time, NullLogger<WorkflowRunStore>.Instance), s => s.Problem);
await using var inbox = new InboxService(
    items, checkpoints, () => running, new ActivityLog(activity, events, NullLogger<ActivityLog>.Instance), events, me, new InboxOptions(), time, NullLogger<InboxService>.Instance);
await using var workflows = new WorkflowRunner(new WorkflowServices(
    runs, new RecipeBook(paths.Workflows), () => running, checkpoints, events, me, runner => runner == me, time, NullLogger<WorkflowRunner>.Instance));
await using var skills = new SkillCatalog(paths.Skills, paths.CommonsSkills, SkillScope.Scoped, null, time, NullLogger<SkillCatalog>.Instance);
await using var knowledge = new KnowledgeService(paths, new KnowledgeOptions(), time, NullLoggerFactory.Instance);
await using var scheduler = new Scheduler(new SchedulerServices(
    paths, new LockHolder(Environment.ProcessId, null, null, "a", "here", time.GetUtcNow(), "0"), me, runner => runner == me, () => running, checkpoints,
    (_, _) => Task.CompletedTask, events, time, NullLogger.Instance));
scheduler.Start();

var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
builder.Services.AddRoutingCore();
await using var app = builder.Build();
app.UseProtoAgentHttp(new HttpOptions { ErrorShapes = new Dictionary<string, Func<HttpContext, ApiException, Task>> { [McpApi.Prefix] = McpApi.WriteErrorAsync } }, NullLogger.Instance);
app.UseRouting();
app.MapMcpServer(new McpServices("a", "0", turns, checkpoints, events, time, app.Services.GetRequiredService<ILoggerFactory>(), app.Lifetime)
{
    Desk = scheduler.Desk, Inbox = inbox, Skills = skills, Workflows = workflows, Knowledge = knowledge,
    Extend = options =>
    {
        FixtureTools.All.ForEach(options.ToolCollection!.Add);
        options.PromptCollection = [.. FixturePrompts.All];
        options.ResourceCollection = [.. FixtureResources.All];
    },
});
await app.StartAsync();
Console.Out.WriteLine(app.Urls.First());
Console.Out.Flush();
while (await Console.In.ReadLineAsync() is not null)
{
}

await app.StopAsync();
await turns.StopAsync(TimeSpan.Zero);
return 0;
