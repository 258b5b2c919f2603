using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary><c>protoagent jobs</c> and <c>activity</c> against a running instance, and the tools behind a conversation.</summary>
public sealed class JobsCommandTests
{
    [Fact]
    public async Task Jobs_FromTheirBeginningToTheirEnd()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        (await RunAsync(box, "jobs")).Error.ShouldContain("No jobs.");
        (await RunAsync(box, "jobs", "add", "0 9 * * MON-FRI", "water the plants", "--id", "plants", "--timezone", "Europe/Berlin", "--session", "garden"))
            .Output.ShouldStartWith("Added 'plants': 0 9 * * MON-FRI (Europe/Berlin), next ");
        (await RunAsync(box, "jobs", "add", "0 9 * * MON-FRI", "water the plants", "--timezone", "Europe/Berlin", "--session", "garden")).Output.ShouldContain("already");
        var listed = (await RunAsync(box, "jobs")).Output;
        listed.ShouldContain("plants");
        listed.ShouldContain(" 09:00:00 +0", Case.Sensitive, "by the clocks of its zone");

        var before = await agent.JobAsync("plants");
        (await RunAsync(box, "jobs", "edit", "plants", "--schedule", "30 8 * * *", "--retries", "7")).Output.ShouldStartWith("Changed 'plants': 30 8 * * *");
        var after = await agent.JobAsync("plants");
        ((string)after["created_at"]!).ShouldBe((string)before["created_at"]!);
        ((string)after["prompt"]!).ShouldBe("water the plants");
        ((string)after["session_id"]!).ShouldBe("garden");
        ((int)after["policy"]!["retries"]!).ShouldBe(7);
        var shown = (await RunAsync(box, "jobs", "show", "plants")).Output;
        shown.ShouldContain("30 8 * * * (Europe/Berlin)");
        shown.ShouldContain("garden");

        (await RunAsync(box, "jobs", "pause", "plants")).Output.ShouldStartWith("Paused 'plants'");
        ((string)(await agent.JobAsync("plants"))["state"]!).ShouldBe("paused");
        (await RunAsync(box, "jobs", "resume", "plants")).Output.ShouldContain("08:30:00");
        (await RunAsync(box, "jobs", "run", "plants")).Output.ShouldStartWith("Run ");
        await agent.HappenedAsync("job.done", d => (string)d["job_id"]! == "plants");
        (await RunAsync(box, "jobs", "runs", "plants")).Output.ShouldContain("done");
        (await agent.MessagesAsync("garden")).ShouldContain("user: water the plants");
        var did = (await RunAsync(box, "activity")).Output;
        did.ShouldContain("scheduler  job_done");
        did.ShouldContain("water the plants", Case.Sensitive, "the offline model says what it heard");

        (await RunAsync(box, "jobs", "delete", "plants")).Output.ShouldContain("Deleted 'plants'.");
        var gone = await box.RunAsync(["jobs", "show", "plants"], "alice");
        gone.ExitCode.ShouldBe(1);
        gone.Error.ShouldContain("There is no job 'plants'");
        var wrong = await box.RunAsync(["jobs", "add", "0 0 30 2 *", "never"], "alice");
        wrong.ExitCode.ShouldBe(1);
        wrong.Error.ShouldContain("0 0 30 2 *");
        (await agent.GetAsync("/api/scheduler/jobs"))["items"]!.AsArray().ShouldBeEmpty();

        await agent.TerminateAsync();
        (await box.RunAsync(["jobs"], "alice")).ExitCode.ShouldBe(69);
    }

    [Fact]
    public async Task ScheduleTask_AskedForInAConversation_ComesBackToIt()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        (await agent.ChatAsync("""/tool schedule_task {"prompt":"turn the oven off","when":"2099-01-01T00:00:00Z","job_id":"oven"}""", "kitchen")).ShouldContain("Scheduled as 'oven'");
        (await agent.ChatAsync("""/tool list_schedules {}""", "kitchen")).ShouldContain("oven");
        (await agent.SendAsync(HttpMethod.Post, "/api/scheduler/jobs/oven/run")).Status.ShouldBe(HttpStatusCode.Accepted);
        await agent.HappenedAsync("job.done", d => (string)d["job_id"]! == "oven");
        (await agent.MessagesAsync("kitchen")).ShouldContain("user: turn the oven off");
        var line = (await agent.GetAsync("/api/activity"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)line["session_id"]!).ShouldBe("kitchen");
        ((string)line["job_id"]!).ShouldBe("oven");

        (await agent.ChatAsync("""/tool schedule_task {"prompt":"look outside","when":"every 1h","job_id":"look"}""", "kitchen")).ShouldContain("Scheduled as 'look'");
        (await agent.ChatAsync("""/tool cancel_schedule {"job_id":"look"}""", "kitchen")).ShouldContain("Cancelled 'look'");
        JsonNode.Parse((await RunAsync(box, "jobs", "--json")).Output)!["items"]!.AsArray().Select(j => (string)j!["id"]!).ShouldBe(["oven"]);
    }

    private static async Task<Finished> RunAsync(Sandbox box, params string[] arguments)
    {
        var finished = await box.RunAsync(arguments, "alice");
        finished.ExitCode.ShouldBe(0, $"{string.Join(' ', arguments)}: {finished.Error}");
        return finished;
    }
}
