using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>Whose the schedule is, with processes that share one root.</summary>
public sealed class ScheduleOwnerTests
{
    private static readonly TimeSpan s_takeOver = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task SecondProcess_WaitsSaysSoAndServes_AndTakesOverWithinASecond()
    {
        await using var box = new Sandbox();
        var first = await box.ServeAsync("alice");
        await first.AddJobAsync("tick", Schedule.EverySecond, "tick");
        var second = await box.ServeAsync("alice");

        var started = (string)(await first.GetAsync("/api/runtime/status"))["instance"]!["started_at"]!;
        foreach (var said in (string[])
        [
            $"[scheduler] jobs.db at {box.DataHome}/scheduler/alice/protoagent/jobs.db is already owned by another live instance —",
            "not starting the scheduler. Run each instance with a distinct",
            "PROTOAGENT_INSTANCE (or agent name) so they don't share a jobs.db.",
            $"Its owner is instance alice (agent protoagent), pid {first.Pid} on ",
            $", port {first.Port}, since {started[..19]}",
        ])
        {
            await second.LoggedAsync(said);
            (await second.WarningsAsync()).Single(w => w.StartsWith("scheduler_waiting: ", StringComparison.Ordinal)).ShouldContain(said);
        }

        var scheduler = (await second.GetAsync("/api/runtime/status"))["scheduler"]!;
        ((string)scheduler["state"]!).ShouldBe("waiting");
        ((int)scheduler["owner"]!["pid"]!).ShouldBe(first.Pid);
        ((int)scheduler["owner"]!["port"]!).ShouldBe(first.Port);
        (string, int)[] states = [("running", first.Pid), ("waiting", second.Pid)];
        StatesOf(await second.GetAsync("/api/instances")).ShouldBe(states, ignoreOrder: true);
        StatesOf(JsonNode.Parse((await box.RunAsync(["ps", "--json"])).Output)!).ShouldBe(states, ignoreOrder: true);

        // A third on this box, of which neither knows more than its entry says.
        var bob = await box.ServeAsync("bob");
        string[] warnings = [$"{first.Pid}: live_sibling", $"{second.Pid}: scheduler_waiting live_sibling", $"{bob.Pid}: "];
        WarningsOf(await bob.GetAsync("/api/instances")).ShouldBe(warnings, ignoreOrder: true);
        WarningsOf(JsonNode.Parse((await box.RunAsync(["ps", "--json"])).Output)!).ShouldBe(warnings, ignoreOrder: true);
        (await box.RunAsync(["ps"])).Output.ShouldContain("scheduler_waiting, live_sibling");
        await bob.KillAsync();

        (await second.ChatAsync("hello")).ShouldContain("hello");
        ((string)(await second.JobAsync("tick"))["prompt"]!).ShouldBe("tick");
        (await second.GetAsync("/api/scheduler/jobs"))["items"]!.AsArray().ShouldHaveSingleItem();
        foreach (var (method, path, body) in Writes())
        {
            var (status, problem) = await second.SendAsync(method, path, body);
            status.ShouldBe(HttpStatusCode.Conflict, $"{method} {path}");
            ((string)problem["code"]!).ShouldBe("scheduler_not_owned");
            ((string)problem["detail"]!).ShouldContain($"port {first.Port}");
        }

        var killed = DateTimeOffset.UtcNow;
        await first.KillAsync();
        var gone = DateTimeOffset.UtcNow;
        await second.LoggedAsync("event=scheduler_took_over");
        second.LoggedAt("event=scheduler_took_over").ShouldBeLessThan(killed + s_takeOver);
        second.Log.Split('\n').Single(l => l.Contains("event=scheduler_took_over", StringComparison.Ordinal)).ShouldContain($"pid={first.Pid}");
        (await second.SchedulerAsync()).ShouldBe("running");
        WarningsOf(await second.GetAsync("/api/instances")).ShouldBe([$"{second.Pid}: "]);
        await second.HappenedAsync("job.done");
        await second.PauseJobAsync("tick");
        var runs = await second.RunsAsync("tick");
        runs.ShouldHaveEverySlotOnce(second.Log);

        // One that the dead process had begun is claimed again, long after it was due.
        var fired = runs.First(r => r["claimed_at"] is not null && Schedule.Due(r) > gone);
        (Schedule.At(fired, "claimed_at") - Schedule.Due(fired)).ShouldBeLessThan(s_takeOver);
        (await second.SendAsync(HttpMethod.Delete, "/api/scheduler/jobs/tick")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task TakeOver_ByOneThatSleptMeanwhile_MakesUpForWhatWasMissedAndSaysSo()
    {
        await using var box = new Sandbox();
        var first = await box.ServeAsync("alice");
        await first.AddJobAsync("once", Schedule.EverySecond, "tick");
        await first.AddJobAsync("all", Schedule.EverySecond, "tock", policy: new JsonObject { ["missed"] = "fire_all", ["overlap"] = "parallel" });
        var second = await box.ServeAsync("alice");
        await first.HappenedAsync("job.done");
        await second.StopAsync();
        await first.KillAsync();
        var killed = DateTimeOffset.UtcNow;

        // Time has to pass, with nobody there.
        await Task.Delay(TimeSpan.FromSeconds(3));
        second.SendContinue();
        await second.LoggedAsync("event=scheduler_took_over");
        await second.LoggedAsync("event=job_missed");
        await Task.WhenAll(((string[])["once", "all"]).Select(id => second.HappenedAsync("job.done", d => (string)d["job_id"]! == id && Schedule.Due(d) > killed.AddSeconds(3))));
        await Task.WhenAll(second.PauseJobAsync("once"), second.PauseJobAsync("all"));

        var once = await second.RunsAsync("once");
        once.ShouldHaveEverySlotOnce(second.Log);
        once.Where(r => (string)r["status"]! == "missed").ShouldNotBeEmpty();
        once.Where(r => (string)r["status"]! == "missed").ShouldAllBe(r => (string?)r["reason"] == "superseded");
        var all = await second.RunsAsync("all");
        all.ShouldHaveEverySlotOnce(second.Log);
        all.ShouldAllBe(r => (string)r["status"]! != "missed");
    }

    [Fact]
    public async Task ManyStartsAtOnce_ExactlyOneScheduler_AllServe()
    {
        var count = ProgramUnderTest.IsNative ? 50 : 8;
        await using var box = new Sandbox();
        var agents = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => box.ServeAsync("alice")));
        (await Task.WhenAll(agents.Select(a => a.SchedulerAsync()))).CountBy(s => s).ShouldBe([new("running", 1), new("waiting", count - 1)], ignoreOrder: true);
        (await Task.WhenAll(agents.Select(a => a.ChatAsync($"hello of {a.Pid}")))).ShouldAllBe(reply => reply.Contains("hello of "));
        var ids = agents.Select(a => a.Pid).Order();
        StatesOf(JsonNode.Parse((await box.RunAsync(["ps", "--json"])).Output)!).Select(s => s.Pid).Order().ShouldBe(ids);
    }

    [Fact]
    public async Task Exclusive_OwnedElsewhere_RefusedAndNothingWritten_Free_StartsAndOwns()
    {
        await using var box = new Sandbox();
        var exclusive = new Dictionary<string, string> { ["PROTOAGENT_SCHEDULER__EXCLUSIVE"] = "true" };
        var owner = await box.ServeAsync("alice");
        await owner.ChatAsync("hello");
        box.Folder("tmp");
        await owner.StopAsync();
        var before = box.Snapshot();
        var refused = await box.ServeRefusedAsync("alice", environment: exclusive);
        refused.ExitCode.ShouldBe(75, refused.Error);
        refused.Error.ShouldContain("is already owned by another live instance —");
        refused.Error.ShouldContain($"pid {owner.Pid} on ");
        refused.Error.ShouldContain($"port {owner.Port}");
        refused.Error.ShouldContain("scheduler.exclusive");
        box.Snapshot().ShouldBe(before);

        await owner.KillAsync();
        var own = await box.ServeAsync("alice", environment: exclusive);
        (await own.SchedulerAsync()).ShouldBe("running");
        await own.AddJobAsync("tick", Schedule.EverySecond, "tick");
        await own.HappenedAsync("job.done");
    }

    [Fact]
    public async Task AgentRenamed_ItsJobsComeAlong()
    {
        await using var box = new Sandbox();
        var before = await box.ServeAsync("alice", environment: Named("old"));
        await before.AddJobAsync("tick", Schedule.EverySecond, "tick");
        await before.HappenedAsync("job.done");
        (await before.TerminateAsync()).ShouldBe(0);

        var after = await box.ServeAsync("alice", environment: Named("new"));
        await after.HappenedAsync("job.done");
        await after.LoggedAsync("event=jobs_adopted");
        (await after.WarningsAsync()).Single(w => w.StartsWith("jobs_adopted: ", StringComparison.Ordinal)).ShouldContain("'old'");
        (await after.RunsAsync("tick")).ShouldHaveEverySlotOnce("the ledger comes along too");
    }

    [Fact]
    public async Task AgentRenamed_TwoOldNames_BothAreNamedAndNothingIsTaken()
    {
        await using var box = new Sandbox();
        var agents = await Task.WhenAll(((string[])["one", "two"]).Select(name => box.ServeAsync("alice", environment: Named(name))));
        foreach (var agent in agents)
        {
            await agent.AddJobAsync("tick", "every 1h", "tick");
        }

        foreach (var agent in agents)
        {
            (await agent.TerminateAsync()).ShouldBe(0);
        }

        var third = await box.ServeAsync("alice", environment: Named("three"));
        await third.HappenedAsync("scheduler.running");
        (await third.GetAsync("/api/scheduler/jobs"))["items"]!.AsArray().ShouldBeEmpty();
        var warnings = (await third.WarningsAsync()).Where(w => w.StartsWith("jobs_of_another_name: ", StringComparison.Ordinal)).ToList();
        warnings.Count.ShouldBe(2);
        warnings.ShouldContain(w => w.Contains("'one'") && w.Contains($"{box.DataHome}/scheduler/alice/one/jobs.db"));
        warnings.ShouldContain(w => w.Contains("'two'") && w.Contains($"{box.DataHome}/scheduler/alice/two/jobs.db"));
    }

    private static Dictionary<string, string> Named(string agent) => new() { ["AGENT_NAME"] = agent };

    private static IEnumerable<(HttpMethod Method, string Path, JsonNode? Body)> Writes()
    {
        const string Jobs = "/api/scheduler/jobs";
        yield return (HttpMethod.Post, Jobs, new JsonObject { ["schedule"] = "@daily", ["prompt"] = "more" });
        yield return (HttpMethod.Put, $"{Jobs}/tick", new JsonObject { ["schedule"] = "@daily", ["prompt"] = "other" });
        yield return (HttpMethod.Delete, $"{Jobs}/tick", null);
        foreach (var move in (string[])["pause", "resume", "run"])
        {
            yield return (HttpMethod.Post, $"{Jobs}/tick/{move}", null);
        }
    }

    private static IEnumerable<string> WarningsOf(JsonNode listed) =>
        listed.AsArray().Select(i => $"{i!["pid"]}: {string.Join(' ', i["warnings"]!.AsArray().Select(w => (string)w!))}");

    private static IEnumerable<(string State, int Pid)> StatesOf(JsonNode listed) => listed.AsArray().Select(i => ((string)i!["scheduler"]!, (int)i["pid"]!));
}
