using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Runs of jobs in processes that are killed, stopped and held up.</summary>
public sealed class ScheduleTests : IAsyncLifetime
{
    private readonly Sandbox _box = new();
    private ScriptedModel _model = null!;

    public async ValueTask InitializeAsync() => _model = await ScriptedModel.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _box.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Run_KilledInItsTurn_IsGoneOnWithByTheNextStart_SameTurnNoSecondEffect()
    {
        var agent = await ServeAsync();
        await agent.AddJobAsync("plants", Schedule.EverySecond, "water the plants", policy: new JsonObject { ["max_runs"] = 1 });
        var asked = await _model.NextAsync();
        asked.LastUserMessage.ShouldBe("water the plants");
        var due = Schedule.DueTold(asked);
        await asked.CallAsync(("write_file", """{"path":"log.txt","content":"END\n"}"""), ("edit_file", """{"path":"log.txt","old_text":"END","new_text":"watered\nEND"}"""));
        (await _model.NextAsync()).Results.Count.ShouldBe(2);
        var before = (await agent.RunsAsync("plants")).ShouldHaveSingleItem();
        await agent.KillAsync();

        var next = await ServeAsync();
        var again = await _model.NextAsync();
        again.Results.Count.ShouldBe(2, "it is told what was done, and not to do it again");
        Schedule.DueTold(again).ShouldBe(due);
        await again.ReplyAsync("watered");
        await next.HappenedAsync("job.done");
        await next.LoggedAsync("event=run_recovered");

        var run = (await next.RunsAsync("plants")).ShouldHaveSingleItem();
        ((string)run["status"]!).ShouldBe("done");
        ((string)run["id"]!).ShouldBe((string)before["id"]!);
        ((string)run["turn_id"]!).ShouldBe((string)before["turn_id"]!);
        ((int)run["attempt"]!).ShouldBe(1);
        ((int)run["crashes"]!).ShouldBe(1);
        (await next.MessagesAsync("system:activity")).Count(m => m.StartsWith("user: ", StringComparison.Ordinal)).ShouldBe(1);
        (await File.ReadAllLinesAsync(Path.Combine(next.InstanceRoot, "workspace", "log.txt"))).ShouldBe(["watered", "END"]);
    }

    [Fact]
    public async Task Run_ThatKillsItsProcessEachTime_IsGivenUpAfterThree_AndItsJobPaused()
    {
        for (var death = 1; death <= 3; death++)
        {
            var doomed = await ServeAsync();
            if (death == 1)
            {
                await doomed.AddJobAsync("bomb", Schedule.EverySecond, "explode");
            }

            await _model.NextAsync();
            await doomed.KillAsync();
        }

        var agent = await ServeAsync();
        ((string)(await agent.HappenedAsync("job.paused"))["reason"]!).ShouldBe("crash_loop");
        await agent.LoggedAsync("event=job_crash_loop");
        var job = await agent.JobAsync("bomb");
        ((string)job["state"]!).ShouldBe("paused");
        ((string)job["paused_reason"]!).ShouldBe("crash_loop");
        job["next_fire"].ShouldBeNull();
        var runs = await agent.RunsAsync("bomb");
        runs.ShouldHaveEverySlotOnce(agent.Log);
        ((string)runs[0]["status"]!).ShouldBe("failed");
        ((string)runs[0]["reason"]!).ShouldBe("crash_loop");
        runs.Skip(1).ShouldAllBe(r => r["turn_id"] == null, "nothing else of the job was begun");
        (await agent.GetAsync("/api/activity"))["items"]!.AsArray().Select(i => (string)i!["kind"]!).ShouldBe(["job_failed", "job_paused"]);

        // Mended, and resumed by a person.
        (await agent.SendAsync(HttpMethod.Post, "/api/scheduler/jobs/bomb/resume")).Status.ShouldBe(HttpStatusCode.OK);
        await (await _model.NextAsync()).ReplyAsync("defused");
        await agent.HappenedAsync("job.done");
    }

    [Fact]
    public async Task Process_HeldUpForSeconds_EveryDueTimeHasItsRow()
    {
        var agent = await _box.ServeAsync("alice");
        await agent.AddJobAsync("tick", Schedule.EverySecond, "tick");
        await agent.HappenedAsync("job.done");
        await agent.StopAsync();
        var stopped = DateTimeOffset.UtcNow;

        // Time has to pass, with the process unable to look.
        await Task.Delay(TimeSpan.FromSeconds(3));
        var woken = DateTimeOffset.UtcNow;
        agent.SendContinue();
        await agent.HappenedAsync("job.done", d => Schedule.Due(d) > woken);
        await agent.PauseJobAsync("tick");
        var runs = await agent.EndedRunsAsync("tick");
        runs.ShouldHaveEverySlotOnce(agent.Log);

        // The last of them is what it is made up for with, unless one more was due by then.
        var during = runs.Where(r => Schedule.Due(r) > stopped && Schedule.Due(r) <= woken).Select(r => (string)r["status"]!).ToList();
        during.Count.ShouldBeGreaterThanOrEqualTo(2, agent.Log);
        during.SkipLast(1).ShouldAllBe(status => status == "missed", agent.Log);
    }

    [Fact]
    public async Task Terminated_WhileATurnOfARunWaitsForItsModel_ExitsInTime_AndTheNextStartEndsTheRun()
    {
        var agent = await ServeAsync(new() { ["PROTOAGENT_SERVER__SHUTDOWN_SECONDS"] = "1" });
        await agent.AddJobAsync("plants", Schedule.EverySecond, "water the plants", policy: new JsonObject { ["max_runs"] = 1 });
        await _model.NextAsync();
        var left = (await agent.RunsAsync("plants")).ShouldHaveSingleItem();
        ((string)left["status"]!).ShouldBe("running");
        var clock = Stopwatch.StartNew();
        (await agent.TerminateAsync()).ShouldBe(0, agent.Log);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8), "the second it was given, and what Kestrel and the files need");

        var next = await ServeAsync();
        await (await _model.NextAsync()).ReplyAsync("watered");
        await next.HappenedAsync("job.done");
        var run = (await next.RunsAsync("plants")).ShouldHaveSingleItem();
        ((string)run["status"]!).ShouldBe("done");
        ((string)run["turn_id"]!).ShouldBe((string)left["turn_id"]!);
        (await next.MessagesAsync("system:activity")).ShouldBe(["user: water the plants", "assistant: watered"]);
    }

    private Task<AgentProcess> ServeAsync(Dictionary<string, string>? more = null) =>
        _box.ServeAsync("alice", environment: new Dictionary<string, string>(_model.Environment.Concat(more ?? [])));
}
