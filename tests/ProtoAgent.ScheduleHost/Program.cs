using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;
using ProtoAgent.ScheduleHost;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Jobs;

// One life of a process that works a schedule: the real scheduler over real files, on a clock that only its parent moves. It
// says every event, and "idle" when all that is due by its clock has come to an end. Arguments: the data home, the time in unix
// milliseconds. A line on stdin is a new time. jobs.txt in the data home: id|schedule|missed|window seconds|max runs, a line each.
var home = args[0];
var time = new FakeTimeProvider(At(args[1]));
var me = Guid.NewGuid().ToString("N");
var paths = InstancePaths.Resolve(new InstanceIdentity(null, InstanceIdSource.None, "the test"), AgentName.Parse("a", "the test"), new DataHome(home, "the test"));
await using var checkpoints = await CheckpointStore.OpenAsync(paths, runner => runner == me, time, NullLogger.Instance);
using var models = new ModelCatalog(new ModelOptions { Provider = "openai", Name = "scripted" }, _ => new AtOnce());
using var turns = new TurnRunner(new TurnServices(checkpoints, models, me, time, NullLogger.Instance));
await turns.ResumeAsync(CancellationToken.None);
var events = new EventBus(time);
using var heard = events.Subscribe();
await using var scheduler = new Scheduler(new SchedulerServices(
    paths, new LockHolder(Environment.ProcessId, null, null, "a", "here", time.GetUtcNow(), "0"), me, runner => runner == me, () => turns, checkpoints,
    (_, _) => Task.CompletedTask, events, time, NullLogger.Instance)
{
    Options = new SchedulerOptions { Retention = TimeSpan.FromDays(36_500) },
});
scheduler.Start();
foreach (var job in File.ReadLines(Path.Combine(home, "jobs.txt")).Select(l => l.Split('|')))
{
    if (await scheduler.Desk.GetAsync(job[0], CancellationToken.None) is null)
    {
        await scheduler.Desk.AddAsync(
            new JobDraft($"job {job[0]}", job[1])
            {
                Id = job[0],
                SessionId = job[0],
                Policy = new JobPolicy
                {
                    Missed = Enum.Parse<MissedFires>(job[2]),
                    MissedWindow = TimeSpan.FromSeconds(int.Parse(job[3], CultureInfo.InvariantCulture)),
                    MaxRuns = job[4].Length > 0 ? int.Parse(job[4], CultureInfo.InvariantCulture) : null,
                },
            },
            CancellationToken.None);
    }
}

await using var ledger = await JobStore.OpenAsync(paths, time, NullLogger.Instance);
await IdleAsync();
while (await Console.In.ReadLineAsync() is { } told)
{
    time.SetUtcNow(At(told));
    await IdleAsync();
}

return 0;

async Task IdleAsync()
{
    while (await ledger.NextDueAsync() <= time.GetUtcNow() || (await ledger.UnfinishedRunsAsync()).Count > 0)
    {
        Say($"event {(await heard.Events.ReadAsync()).Topic}");
    }

    while (heard.Events.TryRead(out _))
    {
    }

    Say("idle");
}

static void Say(string line)
{
    Console.WriteLine(line);
    Console.Out.Flush();
}

static DateTimeOffset At(string milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(milliseconds, CultureInfo.InvariantCulture));
