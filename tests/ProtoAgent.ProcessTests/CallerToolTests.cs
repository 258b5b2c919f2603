using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>The caller's tools, pictures and formats, through a real endpoint and the real program.</summary>
public sealed class CallerToolTests : IAsyncLifetime
{
    private const string Tools = """[{"type":"function","function":{"name":"weather","strict":true,"parameters":{"type":"object","properties":{"town":{"type":"string"}},"required":["town"],"additionalProperties":false}}}]""";

    private readonly Sandbox _box = new();
    private ScriptedModel _model = null!;

    public async ValueTask InitializeAsync() => _model = await ScriptedModel.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _box.DisposeAsync();
        await _model.DisposeAsync();
    }

    [Fact]
    public async Task Call_OfTheCallers_IsAnsweredByAnotherProcess()
    {
        var agent = await ServeAsync();
        var asked = PostAsync(agent, "/v1/chat/completions", $$"""{"messages":[{"role":"user","content":"the weather?"}],"user":"s","tools":{{Tools}}}""");
        var first = await _model.NextAsync();
        var offered = first.Request["tools"]!.AsArray().ToDictionary(t => (string)t!["function"]!["name"]!, t => (bool?)t!["function"]!["strict"]);
        offered["weather"].ShouldBe(true);
        offered.ShouldContainKey("calculator", "the agent's own are offered beside");
        offered["calculator"].ShouldNotBe(true, "the caller's wish is of its own tool");
        await first.CallAsync(("weather", """{"town":"Bern"}"""), ("calculator", """{"expression":"6*7"}"""));
        var (status, body) = await asked;
        status.ShouldBe(HttpStatusCode.OK, body.ToJsonString());
        ((string?)body["choices"]![0]!["finish_reason"]).ShouldBe("tool_calls");
        var call = body["choices"]![0]!["message"]!["tool_calls"]!.AsArray().Single()!;
        ((string?)call["function"]!["arguments"]).ShouldBe("""{"town":"Bern"}""");

        await agent.KillAsync();
        var next = await ServeAsync();
        var answered = PostAsync(next, "/v1/chat/completions", $$"""{"messages":[{"role":"tool","tool_call_id":"{{call["id"]}}","content":"sunny"}],"user":"s","tools":{{Tools}}}""");
        var second = await _model.NextAsync();
        second.Results.Count.ShouldBe(2);
        second.Results[0].ShouldBe("sunny");
        second.Results[1].ShouldContain("42");
        await second.ReplyAsync("sunny, and 42");
        ((string?)(await answered).Body["choices"]![0]!["message"]!["content"]).ShouldBe("sunny, and 42");
    }

    [Fact]
    public async Task Kill_WhileTheModelIsAskedInTheBackground_TheCallComesFromTheNextProcess()
    {
        var agent = await ServeAsync();
        var (_, left) = await PostAsync(agent, "/v1/responses", """{"input":"the weather?","background":true,"tools":[{"type":"function","name":"weather"}]}""");
        await _model.NextAsync();
        await agent.KillAsync();
        var next = await ServeAsync();
        var again = await _model.NextAsync();
        again.Request["tools"]!.AsArray().Select(t => (string)t!["function"]!["name"]!).ShouldContain("weather");
        await again.CallAsync(("weather", "{}"));
        var found = await CompletedAsync(next, (string)left["id"]!);
        var call = found["output"]!.AsArray().Single(i => (string?)i!["type"] == "function_call")!;

        var answered = PostAsync(next, "/v1/responses", $$"""{"previous_response_id":"{{left["id"]}}","input":[{"type":"function_call_output","call_id":"{{call["call_id"]}}","output":"snow"}]}""");
        var last = await _model.NextAsync();
        last.Results.ShouldBe(["snow"]);
        await last.ReplyAsync("snow");
        ((string?)(await answered).Body["output"]![0]!["content"]![0]!["text"]).ShouldBe("snow");
    }

    [Fact]
    public async Task Picture_OfMoreThanABodyMayHave_ReachesTheModelAndMoreIsRefused()
    {
        var agent = await ServeAsync(new() { ["PROTOAGENT_SERVER__MAX_BODY_BYTES"] = "2048", ["PROTOAGENT_TURNS__MAX_ATTACHMENT_BYTES"] = "3000" });
        var picture = Convert.ToBase64String(Enumerable.Range(0, 2900).Select(i => (byte)i).ToArray());
        string Body(string data) => $$$"""{"messages":[{"role":"user","content":[{"type":"text","text":"what is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{data}}}"}}]}],"user":"s"}""";
        var asked = PostAsync(agent, "/v1/chat/completions", Body(picture));
        var call = await _model.NextAsync();
        ((string?)call.Request["messages"]!.AsArray()[^1]!["content"]![1]!["image_url"]!["url"]).ShouldBe($"data:image/png;base64,{picture}");
        await call.ReplyAsync("a pattern");
        (await asked).Status.ShouldBe(HttpStatusCode.OK);
        var shown = (await agent.GetAsync("/api/chat/sessions/s/messages"))["items"]![0]!["attachments"]![0]!;
        ((string?)shown["media_type"], (int)shown["bytes"]!).ShouldBe(("image/png", 2900));

        var (status, body) = await PostAsync(agent, "/v1/chat/completions", Body(Convert.ToBase64String(new byte[3100])));
        (status, (string?)body["error"]!["code"]).ShouldBe((HttpStatusCode.RequestEntityTooLarge, "attachment_too_large"));
        (await PostAsync(agent, "/v1/chat/completions", Body(new string('A', 20_000)))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Format_AndTheOfflineModel_AreRefusedInOpenAIsShape()
    {
        var agent = await _box.ServeAsync("offline");
        var (status, body) = await PostAsync(agent, "/v1/chat/completions", """{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""");
        (status, (string?)body["error"]!["code"]).ShouldBe((HttpStatusCode.BadGateway, "model_refused"));
    }

    private Task<AgentProcess> ServeAsync(Dictionary<string, string>? more = null) => _box.ServeAsync("alice", environment: new Dictionary<string, string>([.. _model.Environment, .. more ?? []]));

    private static async Task<JsonNode> CompletedAsync(AgentProcess agent, string id)
    {
        using var late = new CancellationTokenSource(Limits.Patience);
        while (true)
        {
            var found = await agent.GetAsync($"/v1/responses/{id}");
            if ((string?)found["status"] == "completed")
            {
                return found;
            }

            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(AgentProcess agent, string path, string body)
    {
        using var answer = await agent.Http.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
