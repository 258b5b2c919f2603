using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>A real endpoint over real HTTP, in every mood: the reply is this turn's, or an error.</summary>
public sealed class ModelTests
{
    [Fact]
    public async Task Chat_EndpointAnswers_ReplyUsageAndKeyInItsPlaceAlone()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var agent = await box.ServeAsync("alice", environment: model.Environment);
        var asked = agent.PostChatAsync("hello model", "s1");
        var call = await model.NextAsync();
        call.Authorization.ShouldBe("Bearer " + ScriptedModel.Key);
        ((string)call.Request["model"]!).ShouldBe("scripted");
        await call.ReplyAsync("hello person");

        using var answer = await asked;
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        ((string)body["reply"]!).ShouldBe("hello person");
        ((int)body["usage"]!["input_tokens"]!).ShouldBe(7);
        ((int)body["usage"]!["output_tokens"]!).ShouldBe(3);
        agent.Log.ShouldNotContain(ScriptedModel.Key);
        (await box.FilesHoldingAsync(ScriptedModel.Key)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Completions_Streamed_PiecesComeAsTheModelSaysThem()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var agent = await box.ServeAsync("alice", environment: model.Environment);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = AgentProcess.JsonContent(JsonNode.Parse("""{"model":"scripted","stream":true,"messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}]}""")!),
        };
        var sending = agent.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var call = await model.NextAsync();
        ((string)call.Request["messages"]![0]!["role"]!).ShouldBe("system");
        await call.PieceAsync("first ");
        using var answer = await sending;
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        (await DataAsync(lines)).ShouldContain("\"role\":\"assistant\"");

        // The first piece is here while the model still holds the second.
        (await DataAsync(lines)).ShouldContain("\"content\":\"first \"");
        await call.PieceAsync("second");
        (await DataAsync(lines)).ShouldContain("\"content\":\"second\"");
        await call.FinishAsync("length");
        (await DataAsync(lines)).ShouldContain("\"finish_reason\":\"length\"");
        (await DataAsync(lines)).ShouldBe("[DONE]");
        var thread = answer.Headers.GetValues("X-Session-Id").Single();
        (await agent.MessagesAsync(thread)).ShouldBe(["user: hi", "assistant: first second"]);
    }

    [Fact]
    public async Task Completions_CutInTheMiddle_AnErrorAndNoDone()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var agent = await box.ServeAsync("alice", environment: model.Environment);
        var asked = agent.Http.PostAsync("/v1/chat/completions", AgentProcess.JsonContent(JsonNode.Parse("""{"stream":true,"user":"s1","messages":[{"role":"user","content":"hi"}]}""")!));
        var call = await model.NextAsync();
        await call.PieceAsync("half a th");
        call.CutShort();
        using var answer = await asked;
        var body = await answer.Content.ReadAsStringAsync();
        body.ShouldContain("model_stream_cut");
        body.ShouldNotContain("[DONE]");
        (await agent.MessagesAsync("s1")).ShouldNotContain(m => m.Contains("half a th"));
    }

    public static TheoryData<string, int, string> Moods => new()
    {
        { "cut", 502, "model_stream_cut" },
        { "break", 502, "model_stream_cut" },
        { "garbage", 502, "model_stream_cut" },
        { "page", 502, "model_stream_cut" },
        { "empty", 502, "model_empty" },
        { "401", 502, "model_refused" },
        { "400", 502, "model_refused" },
        { "404", 502, "model_not_found" },
        { "429", 429, "model_rate_limited" },
        { "503", 502, "model_failed" },
    };

    [Theory]
    [MemberData(nameof(Moods))]
    public async Task Chat_EndpointInAMood_AnErrorOfThisTurnNeverAnEarlierReply(string mood, int status, string code)
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var environment = new Dictionary<string, string>(model.Environment) { ["PROTOAGENT_MODEL__RETRIES"] = "0" };
        var agent = await box.ServeAsync("alice", environment: environment);
        var earlier = agent.ChatAsync("before", "s1");
        await (await model.NextAsync()).ReplyAsync("an earlier reply");
        await earlier;

        var asked = agent.PostChatAsync("now", "s1");
        var call = await model.NextAsync();
        switch (mood)
        {
            case "cut":
                await call.PieceAsync("half");
                call.CutShort();
                break;
            case "break":
                await call.PieceAsync("half");
                call.Break();
                break;
            case "garbage":
                await call.PieceAsync("half");
                await call.WriteAsync("{\"choices\":[{");
                call.CutShort();
                break;
            case "page":
                await call.PageAsync("<html><body>Please sign in to the network</body></html>");
                break;
            case "empty":
                await call.FinishAsync();
                break;
            default:
                await call.FailAsync(int.Parse(mood), $$$"""{"error":{"message":"because of {{{ScriptedModel.Key}}}"}}""", retryAfter: mood == "429" ? 17 : null);
                break;
        }

        using var answer = await asked;
        var body = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, body);
        ((string)JsonNode.Parse(body)!["code"]!).ShouldBe(code);
        body.ShouldNotContain("an earlier reply");
        body.ShouldNotContain(ScriptedModel.Key);
        if (mood == "429")
        {
            answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(17));
        }

        var thread = await agent.MessagesAsync("s1");
        thread[^2].ShouldBe("user: now");
        thread[^1].ShouldStartWith("note: ");
        agent.Log.ShouldNotContain(ScriptedModel.Key);

        var after = agent.ChatAsync("after", "s1");
        await (await model.NextAsync()).ReplyAsync("well again");
        (await after).ShouldBe("well again");
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Chat_EndpointRecovers_TheTurnTriesAgain(int status)
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var agent = await box.ServeAsync("alice", environment: model.Environment);
        var asked = agent.ChatAsync("be patient", "s1");
        await (await model.NextAsync()).FailAsync(status, "{}", retryAfter: 1);
        await (await model.NextAsync()).ReplyAsync("patience pays");
        (await asked).ShouldBe("patience pays");
        (await agent.MessagesAsync("s1")).ShouldBe(["user: be patient", "assistant: patience pays"]);
    }

    [Fact]
    public async Task Chat_TenMegabytes_AreTakenWholeAndKept()
    {
        const int Megabytes = 10;
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var agent = await box.ServeAsync("alice", environment: model.Environment);
        var asked = agent.ChatAsync("say much", "s1");
        var call = await model.NextAsync();
        var piece = new string('x', 1_000_000);
        for (var i = 0; i < Megabytes; i++)
        {
            await call.PieceAsync(piece);
        }

        await call.FinishAsync();
        (await asked).Length.ShouldBe(Megabytes * piece.Length);
        (await agent.MessagesAsync("s1"))[^1].Length.ShouldBe("assistant: ".Length + (Megabytes * piece.Length));

        // The next turn can't be told all of it, and is told what fits.
        var next = agent.ChatAsync("and now?", "s1");
        var summary = await model.NextAsync();
        summary.Request.ToJsonString().Length.ShouldBeLessThan(500_000);
        await summary.ReplyAsync("much was said");
        var second = await model.NextAsync();
        second.Request.ToJsonString().Length.ShouldBeLessThan(500_000);
        await second.ReplyAsync("less");
        (await next).ShouldBe("less");
    }

    [Fact]
    public async Task Chat_FirstModelFails_TheNextOneAnswers()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var agent = await box.ServeAsync("alice", environment: new Dictionary<string, string>(model.Environment)
        {
            ["PROTOAGENT_MODEL__RETRIES"] = "0", ["PROTOAGENT_MODEL__NAMES"] = "spare", ["PROTOAGENT_MODEL__FALLBACKS"] = "spare",
        });
        var asked = agent.ChatAsync("hello", "s1");
        await (await model.NextAsync()).FailAsync(503, """{"error":{"message":"overloaded"}}""");
        var second = await model.NextAsync();
        ((string)second.Request["model"]!).ShouldBe("spare");
        await second.ReplyAsync("from the spare");
        (await asked).ShouldBe("from the spare");
        ((string)(await agent.GetAsync("/api/chat/sessions/s1/messages"))["items"]![1]!["model"]!).ShouldBe("spare");
        await agent.LoggedAsync("event=model_fell_back");
    }

    [Fact]
    public async Task Chat_EndpointNotThere_SaysWhereAndWhatToDo()
    {
        await using var box = new Sandbox();
        var agent = await box.ServeAsync("alice", environment: new() { ["PROTOAGENT_MODEL_BASE_URL"] = "http://127.0.0.1:9/v1", ["PROTOAGENT_MODEL"] = "m", ["PROTOAGENT_MODEL__RETRIES"] = "0" });
        using var answer = await agent.PostChatAsync("anyone?");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        var body = await answer.Content.ReadAsStringAsync();
        body.ShouldContain("model_unreachable");
        body.ShouldContain("127.0.0.1:9");
        body.ShouldContain("PROTOAGENT_MODEL_BASE_URL");
    }

    [Fact]
    public async Task Chat_EndpointSilent_TimesOut()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var environment = new Dictionary<string, string>(model.Environment) { ["PROTOAGENT_MODEL__TIMEOUT_SECONDS"] = "1" };
        var agent = await box.ServeAsync("alice", environment: environment);
        var asked = agent.PostChatAsync("hello?", "s1");
        var call = await model.NextAsync();
        using var answer = await asked;
        answer.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout, await answer.Content.ReadAsStringAsync());
        call.Break();
    }

    [Fact]
    public async Task Chat_CallerHangsUp_TheTurnIsStillRecorded()
    {
        await using var box = new Sandbox();
        await using var model = await ScriptedModel.StartAsync();
        var agent = await box.ServeAsync("alice", environment: model.Environment);
        using var hangUp = new CancellationTokenSource();
        var asked = agent.Http.PostAsync("/api/chat", AgentProcess.JsonContent(new JsonObject { ["message"] = "bye", ["session_id"] = "s1" }), hangUp.Token);
        var call = await model.NextAsync();
        await hangUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asked);
        await call.ReplyAsync("you left");

        // The next turn on the thread begins only when that one has ended.
        var next = agent.ChatAsync("back", "s1");
        await (await model.NextAsync()).ReplyAsync("welcome");
        await next;
        (await agent.MessagesAsync("s1")).ShouldBe(["user: bye", "assistant: you left", "user: back", "assistant: welcome"]);
    }

    private static async Task<string> DataAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync().WaitAsync(Limits.Patience) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return line["data: ".Length..];
            }
        }

        throw new EndOfStreamException();
    }
}
