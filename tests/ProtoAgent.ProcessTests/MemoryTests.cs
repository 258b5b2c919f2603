using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>What an instance remembers: from the shell, across deaths, apart from others', and not at all.</summary>
public sealed class MemoryTests : IAsyncDisposable
{
    private readonly Sandbox _box = new();

    public ValueTask DisposeAsync() => _box.DisposeAsync();

    [Fact]
    public async Task Memory_FromTheShell_SeenToldAndForgotten()
    {
        var agent = await _box.ServeAsync("alice");
        await agent.ChatAsync("My boat is called Amaranth.", "boats");
        (await ShellAsync("hot", "add", "Call the user Ada.")).ShouldStartWith("#1 (operator, ");
        (await ShellAsync("hot", "edit", "1", "Call the user Bob.")).ShouldContain("Bob");
        (await ShellAsync("hot")).ShouldContain("Call the user Bob.");
        await agent.ChatAsync("hello", "other");
        (await ShellAsync("sessions")).ShouldContain("My boat is called Amaranth.");
        (await ShellAsync("show", "boats")).ShouldContain("user:\n  My boat is called Amaranth.");
        var injected = await ShellAsync("injections", "--session", "other");
        injected.ShouldContain("hot #1 (operator)");
        injected.ShouldContain("session boats");
        (await ShellAsync("hot", "delete", "1")).ShouldContain("out");
        (await _box.RunAsync(["memory", "harvest", "boats"], "alice")).Error.ShouldContain("offline");

        (await agent.TerminateAsync()).ShouldBe(0);
        agent = await _box.ServeAsync("alice");
        (await ShellAsync("sessions")).ShouldContain("boats");
        (await ShellAsync("forget", "boats")).ShouldContain("forgotten");
        (await _box.RunAsync(["memory", "show", "boats"], "alice")).ExitCode.ShouldBe(1);
        (await agent.MessagesAsync("boats")).ShouldNotBeEmpty("the thread stays");

        using var deleted = await agent.Http.DeleteAsync("/api/chat/sessions/other");
        deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await ShellAsync("injections", "--session", "other")).ShouldBe("");
        (await ShellAsync("sessions")).ShouldBe("");
        File.Exists(Path.Combine(agent.InstanceRoot, "memory", "other.json")).ShouldBeFalse();
    }

    [Fact]
    public async Task Sessions_OfTwoInstances_NeverMeet()
    {
        var (alice, bob) = (await _box.ServeAsync("alice"), await _box.ServeAsync("bob"));
        await alice.ChatAsync("the marker is amaranth", "shared");
        await bob.ChatAsync("the marker is belladonna", "shared");
        ((string)(await alice.GetAsync("/api/memory/sessions/shared"))["topic"]!).ShouldContain("amaranth");
        ((string)(await bob.GetAsync("/api/memory/sessions/shared"))["topic"]!).ShouldContain("belladonna");
        await alice.ChatAsync("hello", "next");
        (await alice.GetAsync("/api/memory/injections?session_id=next"))["items"]!.AsArray().Count.ShouldBe(1);
        (await bob.GetAsync("/api/memory/injections"))["items"]!.AsArray().ShouldBeEmpty();
        (await HoldingAsync("amaranth")).ShouldAllBe(f => f.StartsWith("alice/"));
        (await HoldingAsync("belladonna")).ShouldAllBe(f => f.StartsWith("bob/"));
        (await HoldingAsync("amaranth")).ShouldContain("alice/memory/shared.json");
    }

    [Fact]
    public async Task Kill_AmongTheWrites_EverySummaryIsWholeAndCatchesUpWithItsThread()
    {
        string[] sessions = ["one", "Two/../x", "three%2F: ä"];
        var random = new Random(4711);
        for (var kill = 0; kill < 4; kill++)
        {
            var agent = await _box.ServeAsync("alice");
            var said = 0;
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var wanted = random.Next(10, 40);
            var talking = sessions.Select(session => Task.Run(async () =>
            {
                try
                {
                    while (true)
                    {
                        using var answer = await agent.PostChatAsync($"message {kill} of {session} {new string('x', 500)}", session);
                        if (Interlocked.Increment(ref said) >= wanted)
                        {
                            enough.TrySetResult();
                        }
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    // It was killed.
                }
            })).ToList();
            await enough.Task.WaitAsync(Limits.Patience);
            await agent.KillAsync();
            await Task.WhenAll(talking);
            foreach (var file in Directory.EnumerateFiles(Path.Combine(agent.InstanceRoot, "memory"), "*.json"))
            {
                sessions.ShouldContain((string)JsonNode.Parse(await File.ReadAllTextAsync(file))!["session_id"]!);
            }
        }

        var last = await _box.ServeAsync("alice");
        foreach (var session in sessions)
        {
            var remembered = await last.GetAsync($"/api/memory/sessions/{Uri.EscapeDataString(session)}");
            var spoken = (await last.MessagesAsync(session)).Where(m => m.StartsWith("user: ") || m.StartsWith("assistant: ")).ToList();
            ((int)remembered["message_count"]!).ShouldBe(spoken.Count);
            remembered["messages"]!.AsArray().Select(m => $"{m!["role"]}: {m["content"]}").ShouldBe(spoken.TakeLast(30).Select(Cut));
        }

        static string Cut(string message)
        {
            var from = message.IndexOf(' ', StringComparison.Ordinal) + 1;
            return message.Length - from <= 1000 ? message : message[..(from + 999)] + "…";
        }
    }

    [Fact]
    public async Task Incognito_NothingOfItIsLeftAnywhere()
    {
        await using var model = await ScriptedModel.StartAsync();
        var agent = await _box.ServeAsync("alice", environment: model.Environment);
        await ShellAsync("hot", "add", "Call the user Ada.");
        var (session, told) = await SayAsync("my secret is zanzibar", null, incognito: true);
        session.ShouldStartWith("incognito:");
        told.ShouldNotContain("Ada");
        var (again, _) = await SayAsync("zanzibar again", session, incognito: null);
        again.ShouldBe(session);
        (await SayAsync("hello", "open", incognito: null)).Told.ShouldContain("Ada");
        (await agent.GetAsync("/api/chat/sessions"))["items"]!.AsArray().Select(s => (string)s!["id"]!).ShouldBe(["open"]);
        (await agent.GetAsync("/api/memory/injections"))["items"]!.AsArray().Count.ShouldBe(1);
        (await HoldingAsync("zanzibar")).ShouldAllBe(f => f.StartsWith("alice/checkpoints.db"), "while it can be gone on with it is in the threads alone");

        await agent.KillAsync();
        agent = await _box.ServeAsync("alice", environment: model.Environment);
        using var gone = await agent.Http.GetAsync($"/api/chat/sessions/{Uri.EscapeDataString(session)}");
        await SayAsync("zanzibar once more", session, incognito: true);
        (await agent.TerminateAsync()).ShouldBe(0);
        (await HoldingAsync("zanzibar")).ShouldBeEmpty();
        agent.Log.ShouldNotContain("zanzibar");

        async Task<(string Session, string Told)> SayAsync(string message, string? on, bool? incognito)
        {
            var asked = agent.Http.PostAsync("/api/chat", AgentProcess.JsonContent(new JsonObject { ["message"] = message, ["session_id"] = on, ["incognito"] = incognito }));
            var call = await model.NextAsync();
            await call.CallAsync(("memory_recall", $$"""{"query":"{{message}}"}"""));
            var next = await model.NextAsync();
            await next.ReplyAsync($"I heard: {message}");
            using var answer = await asked;
            var body = await answer.Content.ReadAsStringAsync();
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, body);
            return ((string)JsonNode.Parse(body)!["session_id"]!, call.Request["messages"]!.AsArray().First(m => (string)m!["role"]! == "system")!["content"]!.ToString());
        }
    }

    [Fact]
    public async Task Facts_OfASession_AreTakenKeptAndTold()
    {
        await using var model = await ScriptedModel.StartAsync();
        var agent = await _box.ServeAsync("alice", environment: model.Environment);
        var chat = agent.PostChatAsync("My boat is called Amaranth and lies in Kiel harbour.", "boats");
        await (await model.NextAsync()).ReplyAsync("A fine name.");
        (await chat).Dispose();
        var harvest = agent.Http.PostAsync("/api/memory/sessions/boats/harvest", null);
        var asked = await model.NextAsync();
        asked.LastMessage.ShouldContain("User: My boat is called Amaranth");
        await asked.ReplyAsync("- The user's boat Amaranth lies in Kiel harbour.");
        using var answer = await harvest;
        (await answer.Content.ReadAsStringAsync()).ShouldContain("\"facts\":1");
        using var again = await agent.Http.PostAsync("/api/memory/sessions/boats/harvest", null);
        (await again.Content.ReadAsStringAsync()).ShouldContain("\"facts\":0");

        chat = agent.PostChatAsync("Is Amaranth still in the harbour?", "later");
        var call = await model.NextAsync();
        call.Request["messages"]![0]!["content"]!.ToString().ShouldContain("(agent, ");
        call.Request["messages"]![0]!["content"]!.ToString().ShouldContain("The user's boat Amaranth lies in Kiel harbour.");
        await call.ReplyAsync("It is.");
        (await chat).Dispose();
    }

    [Fact]
    public async Task File_OfInjectionsDamaged_SaidWhileTheRestServes()
    {
        var agent = await _box.ServeAsync("alice");
        await agent.ChatAsync("hello", "a");
        await agent.GetAsync("/api/memory/sessions/a");
        await agent.ChatAsync("hello", "b");
        (await agent.GetAsync("/api/memory/injections"))["items"]!.AsArray().Count.ShouldBe(1);
        (await agent.TerminateAsync()).ShouldBe(0);
        var file = Path.Combine(agent.InstanceRoot, "memory-injections.db");
        await File.WriteAllBytesAsync(file, Encoding.ASCII.GetBytes(new string('x', 8192)));
        agent = await _box.ServeAsync("alice");
        await agent.ChatAsync("hello", "c");
        using var refused = await agent.Http.GetAsync("/api/memory/injections");
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await agent.WarningsAsync()).ShouldContain(w => w.Contains(file));

        // One that is asked for is written first; the list is what is written.
        await agent.GetAsync("/api/memory/sessions/c");
        (await agent.GetAsync("/api/memory/sessions"))["items"]!.AsArray().Count.ShouldBe(3);
    }

    private async Task<IEnumerable<string>> HoldingAsync(string marker) => (await _box.FilesHoldingAsync(marker)).Select(f => Path.GetRelativePath(_box.DataHome, f));

    private async Task<string> ShellAsync(params string[] arguments)
    {
        var ran = await _box.RunAsync(["memory", .. arguments], "alice");
        ran.ExitCode.ShouldBe(0, ran.Error);
        return ran.Output;
    }
}
