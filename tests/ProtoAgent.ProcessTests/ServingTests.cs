using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>The port, the doors and the way out.</summary>
public sealed class ServingTests
{
    [Fact]
    public async Task Port_HeldByAnInstance_ExitsNamingItAndWritesNothing()
    {
        await using var box = new Sandbox();
        var alice = await box.ServeAsync("alice");

        // It goes on starting in the background, and is not what is looked at here.
        await alice.StopAsync();
        var before = box.Snapshot();

        var refused = await box.RunAsync(["serve", "--port", $"{alice.Port}"], "bob");

        refused.ExitCode.ShouldBe(75);
        refused.Error.ShouldContain($"Port {alice.Port}");
        refused.Error.ShouldContain("the instance alice");
        refused.Error.ShouldContain($"pid {alice.Pid}");
        box.Snapshot().ShouldBe(before);
    }

    [Fact]
    public async Task Port_HeldByAStranger_ExitsSayingSo()
    {
        await using var box = new Sandbox();
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        var refused = await box.RunAsync(["serve", "--port", $"{((IPEndPoint)stranger.LocalEndpoint).Port}"], "bob");
        refused.ExitCode.ShouldBe(75);
        refused.Error.ShouldContain("another program");
        Directory.Exists(box.DataHome).ShouldBeFalse();
    }

    [Fact]
    public async Task Serve_WithoutJson_PrintsOneReadyLine()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice", ["--port", "0"]);
        agent.Port.ShouldBeGreaterThan(0);
        var chat = await box.RunAsync(["chat", "ping from the shell"], "alice");
        chat.ExitCode.ShouldBe(0, chat.Error);
        chat.Output.ShouldContain("ping from the shell");
        chat.Error.ShouldContain("--session ");
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("*")]
    public async Task Serve_BeyondLoopbackWithoutAToken_RefusedAndWritesNothing(string host)
    {
        await using var box = new Sandbox();
        var refused = await box.ServeRefusedAsync(arguments: ["--host", host]);
        refused.ExitCode.ShouldBe(78);
        refused.Error.ShouldContain("A2A_AUTH_TOKEN");
        Directory.Exists(box.DataHome).ShouldBeFalse();
    }

    [Fact]
    public async Task Token_Configured_OpensAndClosesEverySurface()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice", ["--host", "0.0.0.0"], new() { ["A2A_AUTH_TOKEN"] = "correct-horse", ["A2A_FEDERATION_TOKEN"] = "visitor" });
        foreach (var (path, token, expected) in new (string Path, string? Token, HttpStatusCode Expected)[]
        {
            ("/healthz", null, HttpStatusCode.OK),
            ("/readyz", null, HttpStatusCode.OK),
            ("/api/runtime/status", null, HttpStatusCode.Unauthorized),
            ("/api/runtime/status", "wrong", HttpStatusCode.Unauthorized),
            ("/api/runtime/status", "visitor", HttpStatusCode.Forbidden),
            ("/api/runtime/status", "correct-horse", HttpStatusCode.OK),
            ("/v1/models", null, HttpStatusCode.Unauthorized),
            ("/v1/models", "visitor", HttpStatusCode.OK),
            ("/v1/models", "correct-horse", HttpStatusCode.OK),
            ("/nowhere", null, HttpStatusCode.Unauthorized),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (token is not null)
            {
                request.Headers.Authorization = new("Bearer", token);
            }

            using var answer = await agent.Http.SendAsync(request);
            answer.StatusCode.ShouldBe(expected, $"{path} with {token ?? "no token"}");
        }

        agent.Log.ShouldNotContain("correct-horse");
        var explained = await box.RunAsync(["config", "explain", "--json"], "alice", new() { ["A2A_AUTH_TOKEN"] = "correct-horse" });
        explained.Output.ShouldContain("********");
        explained.Output.ShouldNotContain("correct-horse");
    }

    [Fact]
    public async Task EveryRoute_Answers()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        await agent.ChatAsync("hello", "s1");
        foreach (var path in (string[])
        [
            "/healthz", "/readyz", "/api/runtime/status", "/api/instances", "/api/config", "/api/config/explain", "/api/chat/sessions",
            "/api/chat/sessions/s1", "/api/chat/sessions/s1/messages", "/v1/models", "/v1/models/protoagent",
        ])
        {
            (await agent.GetAsync(path)).ToJsonString().ShouldNotBeEmpty();
        }

        foreach (var (method, path, body, status, code) in new (string Method, string Path, string? Body, int Status, string Code)[]
        {
            ("GET", "/nowhere", null, 404, "not_found"),
            ("DELETE", "/healthz", null, 405, "method_not_allowed"),
            ("GET", "/api/chat/sessions/none", null, 404, "session_not_found"),
            ("GET", "/api/chat/sessions/none/messages", null, 404, "session_not_found"),
            ("DELETE", "/api/chat/sessions/none", null, 404, "session_not_found"),
            ("GET", "/api/chat/sessions?limit=0", null, 400, "bad_limit"),
            ("GET", "/api/chat/sessions?limit=x", null, 400, "bad_limit"),
            ("GET", "/api/chat/sessions?cursor=nonsense", null, 400, "bad_cursor"),
            ("POST", "/api/chat", "{", 400, "malformed_body"),
            ("POST", "/api/chat", "[]", 400, "malformed_body"),
            ("POST", "/api/chat", "null", 400, "malformed_body"),
            ("POST", "/api/chat", """{"message":5}""", 400, "malformed_body"),
            ("POST", "/api/chat", "{}", 400, "missing_field"),
            ("POST", "/api/chat", """{"message":"  "}""", 400, "missing_field"),
            ("POST", "/api/chat", """{"message":"x","session_id":"a\u0000b"}""", 400, "thread_id_invalid"),
            ("POST", "/api/chat", """{"message":"x","session_id":""}""", 400, "thread_id_invalid"),
            ("POST", "/api/chat", """{"message":"x","model":"none"}""", 404, "model_not_found"),
            ("POST", "/api/chat", """{"message":"x","incognito":"yes"}""", 400, "malformed_body"),
            ("POST", "/v1/chat/completions", "{", 400, "malformed_body"),
            ("POST", "/v1/chat/completions", "{}", 400, "missing_field"),
            ("POST", "/v1/chat/completions", """{"model":"none","messages":[{"role":"user","content":"x"}]}""", 404, "model_not_found"),
            ("POST", "/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"n":2}""", 400, "unsupported_value"),
            ("GET", "/v1/models/none", null, 404, "model_not_found"),
            ("GET", "/v1/nowhere", null, 404, "not_found"),
        })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
            using var answer = await agent.Http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            ((int)answer.StatusCode).ShouldBe(status, $"{method} {path} {body}: {text}");
            var error = JsonNode.Parse(text)!;
            ((string?)(path.StartsWith("/v1", StringComparison.Ordinal) ? error["error"]!["code"] : error["code"])).ShouldBe(code, text);
            text.ShouldNotContain("   at ");
        }

        using var form = await agent.Http.PostAsync("/api/chat", new StringContent("""{"message":"x"}""", System.Text.Encoding.UTF8, "text/plain"));
        form.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        using var tooLarge = new HttpRequestMessage(HttpMethod.Post, "/api/chat")
        {
            Content = new StringContent($$"""{"message":"{{new string('x', 5 << 20)}}"}""", System.Text.Encoding.UTF8, "application/json"),
        };

        // Asked first, or the answer comes while we still send and the connection is closed under us.
        tooLarge.Headers.ExpectContinue = true;
        using var large = await agent.Http.SendAsync(tooLarge);
        large.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        using var deleted = await agent.Http.DeleteAsync("/api/chat/sessions/s1");
        deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        agent.Log.ShouldNotContain("level=error");
    }

    [Fact]
    public async Task Sessions_AreFoundByTheirFirstWords()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        await agent.ChatAsync("Where do\n  the herons nest?", "s1");
        await agent.ChatAsync("and storks", "s1");
        await agent.ChatAsync("something else", "s2");
        (await TitlesAsync("/api/chat/sessions?q=HERONS")).ShouldBe(["s1 Where do the herons nest?"]);
        (await TitlesAsync("/api/chat/sessions?q=S2")).ShouldBe(["s2 something else"]);
        (await TitlesAsync("/api/chat/sessions?q=storks&limit=1")).ShouldBeEmpty();
        (await TitlesAsync("/api/chat/sessions?q=herons&limit=1")).ShouldBe(["s1 Where do the herons nest?"]);
        ((string?)(await agent.GetAsync("/api/chat/sessions/s1"))["title"]).ShouldBe("Where do the herons nest?");
        (await agent.GetAsync("/api/instances?memory=true")).AsArray().Single()!["memory_bytes"]!.GetValue<long>().ShouldBeGreaterThan(1 << 20);
        (await agent.GetAsync("/api/instances")).AsArray().Single()!["memory_bytes"].ShouldBeNull();

        async Task<IEnumerable<string>> TitlesAsync(string path) => (await agent.GetAsync(path))["items"]!.AsArray().Select(s => $"{s!["id"]} {s["title"]}");
    }

    [Theory]
    [InlineData("Host", "evil.example", "host_not_allowed")]
    [InlineData("Origin", "https://evil.example", "origin_not_allowed")]
    public async Task Request_FromAForeignPage_Refused(string header, string value, string code)
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/runtime/status");
        request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await agent.Http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldContain(code);
    }

    [Fact]
    public async Task Sigterm_Idle_ExitsZeroAndLeavesTheRegistry()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice");
        Directory.GetFiles(box.DataHome + "/.instances").ShouldHaveSingleItem();
        (await agent.TerminateAsync()).ShouldBe(0, agent.Log);
        Directory.GetFiles(box.DataHome + "/.instances").ShouldBeEmpty();
    }

    [Fact]
    public async Task Sigterm_InATurn_TheTurnFinishesAndItsCallerIsAnswered()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var agent = await box.ServeAsync("alice", environment: model.Environment);
        var asked = agent.ChatAsync("finish this", "s1");
        var call = await model.NextAsync();
        agent.SendTerminate();
        await agent.LoggedAsync("event=stopping");

        // Refused from here on, while the old turn goes on.
        using (var late = await agent.PostChatAsync("too late", "s2"))
        {
            late.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await late.Content.ReadAsStringAsync()).ShouldContain("shutting_down");
        }

        await call.ReplyAsync("finished");
        (await asked).ShouldBe("finished");
        (await agent.ExitAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Sigterm_InATurnThatNeverEnds_ExitsZeroWithinTheBoundAndTheThreadSaysSo()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var environment = new Dictionary<string, string>(model.Environment) { ["PROTOAGENT_SERVER__SHUTDOWN_SECONDS"] = "1" };
        var agent = await box.ServeAsync("alice", environment: environment);
        var asked = agent.PostChatAsync("never answered", "s1");
        var call = await model.NextAsync();

        (await agent.TerminateAsync()).ShouldBe(0);

        using var answer = await asked;
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        call.Break();
        var again = await box.ServeAsync("alice", environment: environment);
        (await again.MessagesAsync("s1"))[^1].ShouldStartWith("note: The instance stopped");
    }
}
