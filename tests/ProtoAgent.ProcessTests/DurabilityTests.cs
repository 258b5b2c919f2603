using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>What was acknowledged is there, whatever happens to the process.</summary>
public sealed class DurabilityTests
{
    [Fact]
    public async Task Thread_AfterARestart_IsRemembered()
    {
        await using var box = new Sandbox();
        var first = await box.ServeAsync("alice");
        await first.ChatAsync("My name is Ada.", "s1");
        (await first.TerminateAsync()).ShouldBe(0);

        var second = await box.ServeAsync("alice");
        (await second.ChatAsync("what did I say before?", "s1")).ShouldContain("My name is Ada.");
        (await second.MessagesAsync("s1")).Count.ShouldBe(4);
    }

    [Fact]
    public async Task KillInATurn_ThenRestart_HistoryWholeTurnInterruptedNextReplyItsOwn()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var first = await box.ServeAsync("alice", environment: model.Environment);
        var earlier = first.ChatAsync("question one", "s1");
        await (await model.NextAsync()).ReplyAsync("answer one");
        (await earlier).ShouldBe("answer one");

        var cut = first.PostChatAsync("question two", "s1");
        var call = await model.NextAsync();
        await call.PieceAsync("half an ans");
        await first.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(cut);
        call.Break();

        var second = await box.ServeAsync("alice", environment: model.Environment);
        (await second.MessagesAsync("s1")).ShouldBe([
            "user: question one", "assistant: answer one", "user: question two", "note: The process that ran this turn died before it answered."]);

        JsonArray rows;
        do
        {
            rows = (await second.GetAsync("/api/telemetry/recent"))["items"]!.AsArray();
        }
        while (rows.Count < 2);
        rows.Select(r => (string)r!["status"]!).ShouldBe(["interrupted", "done"]);

        var next = second.ChatAsync("question three", "s1");
        var asked = await model.NextAsync();
        asked.LastMessage.ShouldBe("question three");
        asked.Request["messages"]!.AsArray().Select(m => (string)m!["role"]!).ShouldBe(["system", "user", "assistant", "user", "user"], "the model is told all that was said, and nothing of notes");
        await asked.ReplyAsync("answer three");
        (await next).ShouldBe("answer three");
        (await second.MessagesAsync("s1"))[^1].ShouldBe("assistant: answer three");
    }

    [Fact]
    public async Task TwoProcesses_OneThread_EveryTurnOnceAndWhole()
    {
        const int TurnsEach = 25;
        await using var box = new Sandbox();
        var first = await box.ServeAsync("alice");
        var second = await box.ServeAsync("alice");

        await Task.WhenAll(Talk(first, "a"), Talk(second, "b"));

        var messages = await first.MessagesAsync("shared");
        messages.ShouldBe(await second.MessagesAsync("shared"));
        messages.Count.ShouldBe(4 * TurnsEach);
        var said = messages.Where((_, i) => i % 2 == 0).ToList();
        said.ShouldAllBe(m => m.StartsWith("user: ", StringComparison.Ordinal));
        said.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, TurnsEach).SelectMany(i => new[] { $"user: a-{i:00}", $"user: b-{i:00}" }).Order(StringComparer.Ordinal));
        for (var i = 0; i < messages.Count; i += 2)
        {
            messages[i + 1].ShouldStartWith($"assistant: You said: “{messages[i]["user: ".Length..]}”");
        }

        static async Task Talk(AgentProcess agent, string name)
        {
            for (var i = 0; i < TurnsEach; i++)
            {
                (await agent.ChatAsync($"{name}-{i:00}", "shared")).ShouldContain($"“{name}-{i:00}”");
            }
        }
    }

    [Fact]
    public async Task TwoProcesses_OneKilledInATurn_TheOtherGoesOn()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var first = await box.ServeAsync("alice", environment: model.Environment);
        var second = await box.ServeAsync("alice", environment: model.Environment);
        var lost = first.PostChatAsync("lost", "shared");
        await model.NextAsync();
        var waiting = second.ChatAsync("kept", "shared");
        await first.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(lost);

        await (await model.NextAsync()).ReplyAsync("here I am");
        (await waiting).ShouldBe("here I am");
    }

    [Fact]
    public async Task OneThread_TurnsAtOnce_QueueInTheOrderTheyCame()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var agent = await box.ServeAsync("alice", environment: model.Environment);
        var first = agent.ChatAsync("one", "s1");
        var held = await model.NextAsync();
        var second = agent.ChatAsync("two", "s1");

        // Another thread is not concerned.
        var other = agent.ChatAsync("elsewhere", "s2");
        var free = await model.NextAsync();
        free.LastMessage.ShouldBe("elsewhere");
        await free.ReplyAsync("yes");
        await other;

        second.IsCompleted.ShouldBeFalse();
        await held.ReplyAsync("first");
        (await first).ShouldBe("first");
        await (await model.NextAsync()).ReplyAsync("second");
        (await second).ShouldBe("second");
    }

    [Fact]
    public async Task RandomKills_NothingAcknowledgedIsLost()
    {
        const int Rounds = 12;
        await using var box = new Sandbox();
        var acknowledged = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            var agent = await box.ServeAsync("alice");
            var told = 0;
            var killed = new TaskCompletionSource();
            var talking = Task.Run(async () =>
            {
                try
                {
                    while (true)
                    {
                        var message = $"round {round} message {told}";
                        using var answer = await agent.PostChatAsync(message, "s1");
                        if (answer.StatusCode == HttpStatusCode.OK && JsonNode.Parse(await answer.Content.ReadAsStringAsync()) is not null)
                        {
                            acknowledged.Add(message);
                        }

                        if (++told == 2 + (round * 7 % 11))
                        {
                            killed.SetResult();
                        }
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    // Killed.
                }
            });
            await killed.Task;
            await agent.KillAsync();
            await talking;
        }

        var last = await box.ServeAsync("alice");
        var kept = new List<string>();
        for (string? cursor = null, next; ; cursor = next)
        {
            var page = await last.GetAsync($"/api/chat/sessions/s1/messages?limit=500{(cursor is null ? "" : "&cursor=" + cursor)}");
            kept.AddRange(page["items"]!.AsArray().Select(m => (string)m!["text"]!));
            next = (string?)page["next"];
            if (next is null)
            {
                break;
            }
        }

        acknowledged.Count.ShouldBeGreaterThan(Rounds);
        acknowledged.ShouldAllBe(m => kept.Count(k => k == m) == 1);
    }
}
