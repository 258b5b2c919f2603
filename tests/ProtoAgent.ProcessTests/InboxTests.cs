using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>The inbox, the activity and the events, as somebody at a terminal has them.</summary>
public sealed class InboxTests
{
    [Fact]
    public async Task Commands_AgainstTheRunningInstance_LeaveListAndTakeOff()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        using var events = await ListenAsync(agent);
        (await RunAsync(box, "inbox")).Error.ShouldContain("Nothing waits.");
        (await RunAsync(box, "activity")).Error.ShouldContain("Nothing yet.");

        var added = await RunAsync(box, "inbox", "add", "the build is red", "--source", "ci", "--key", "k");
        var id = added.Output.Trim();
        (await RunAsync(box, "inbox", "add", "again", "--key", "k")).ShouldSatisfyAllConditions(r => r.Output.Trim().ShouldBe(id), r => r.Error.ShouldContain("It was there already"));
        (await RunAsync(box, "inbox")).Output.ShouldSatisfyAllConditions(o => o.ShouldContain($"{id}  next   pending"), o => o.ShouldContain("from ci\n  the build is red\n"));
        ((long)(await agent.GetAsync("/api/runtime/status"))["stores"]!["inbox"]!).ShouldBe(1);
        (await box.RunAsync(["inbox", "add"], "alice", input: "from a pipe")).ExitCode.ShouldBe(0);
        (await RunAsync(box, "inbox", "deliver", id)).Output.ShouldContain("dealt with");
        (await RunAsync(box, "inbox", "delete", id)).Output.ShouldContain("deleted");
        var gone = await box.RunAsync(["inbox", "delete", id], "alice");
        (gone.ExitCode, gone.Error).ShouldSatisfyAllConditions(g => g.ExitCode.ShouldBe(1), g => g.Error.ShouldContain("There is no item"));
        var bad = await box.RunAsync(["inbox", "add", "x", "--priority", "soon"], "alice");
        bad.ExitCode.ShouldBe(2);

        await RunAsync(box, "inbox", "add", "wake up", "--priority", "now");
        await HeardAsync(events, "activity.message");
        (await RunAsync(box, "activity")).Output.ShouldSatisfyAllConditions(o => o.ShouldContain("inbox  inbox_delivered"), o => o.ShouldContain("wake up"));
        var line = (await agent.GetAsync("/api/activity"))["items"]![0]!;
        ((string)line["origin"]!, (string)line["session_id"]!).ShouldBe(("inbox", "system:activity"));

        // Of the two that are left, the turn takes the one from the pipe; the other one has been taken up.
        (await agent.ChatAsync("/tool check_inbox {}")).ShouldSatisfyAllConditions(r => r.ShouldContain("from a pipe"), r => r.ShouldNotContain("wake up"));
        (await RunAsync(box, "inbox", "--json")).Output.ShouldContain("\"items\":[]");
    }

    [Fact]
    public async Task Stop_WhileSomebodyListens_IsPromptAndEndsTheStream()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        using var events = await ListenAsync(agent);
        var following = box.RunAsync(["events", "--json"], "alice");
        await RunAsync(box, "inbox", "add", "one");
        await HeardAsync(events, "inbox.item");

        (await agent.TerminateAsync().WaitAsync(TimeSpan.FromSeconds(8))).ShouldBe(0);
        while (await events.ReadLineAsync() is not null)
        {
        }

        (await following).ExitCode.ShouldBe(69);
    }

    [Fact]
    public async Task Inbox_AFileThatIsNotOurs_IsRefusedAndTheRestServes()
    {
        await using var box = new Sandbox();
        box.File("home/.protoagent/inbox/alice/protoagent.db", "somebody else's notes, and not a database at all");
        var agent = await box.ServeAsync("alice");
        using var answer = await agent.Http.PostAsync("/api/inbox", AgentProcess.JsonContent(new JsonObject { ["text"] = "x" }));
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("store_");
        (await agent.ChatAsync("hello")).ShouldContain("hello");
        (await agent.WarningsAsync()).ShouldContain(w => w.StartsWith("store_", StringComparison.Ordinal) && w.Contains("inbox", StringComparison.Ordinal));
        (await agent.TerminateAsync()).ShouldBe(0);
        (await File.ReadAllTextAsync(Path.Combine(box.DataHome, "inbox/alice/protoagent.db"))).ShouldStartWith("somebody else's notes");
    }

    private static async Task<Finished> RunAsync(Sandbox box, params string[] arguments)
    {
        var finished = await box.RunAsync(arguments, "alice");
        finished.ExitCode.ShouldBe(0, finished.Error);
        return finished;
    }

    /// <summary>The stream, once the instance has heard of the listener.</summary>
    private static async Task<StreamReader> ListenAsync(AgentProcess agent)
    {
        var reader = new StreamReader(await agent.Http.GetStreamAsync("/api/events"));
        (await reader.ReadLineAsync()).ShouldBe(": keep-alive");
        return reader;
    }

    private static async Task HeardAsync(StreamReader events, string topic)
    {
        while (true)
        {
            var line = await events.ReadLineAsync().WaitAsync(Limits.Patience) ?? throw new InvalidOperationException("The stream ended.");
            if (line.Contains($"\"topic\":\"{topic}\"", StringComparison.Ordinal))
            {
                return;
            }
        }
    }
}
