using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Protocols.OpenAI;

/// <summary>The very bytes of an answer, but for what differs each time.</summary>
public sealed class CompletionShapeTests : IAsyncLifetime
{
    private const string Tools = """[{"type":"function","function":{"name":"weather","parameters":{"type":"object"}}}]""";

    private readonly OpenAIBench _bench = new();

    public async ValueTask InitializeAsync()
    {
        _bench.Turns.Tools.Add(new FakeTool("danger", ToolTraits.NeedsApproval));
        await _bench.StartAsync();
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Whole_AnAnswer_HasOpenAIsShape()
    {
        var answer = _bench.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""");
        var call = await _bench.Turns.Model.NextAsync();
        call.Say(new UsageContent(new UsageDetails { InputTokenCount = 7, OutputTokenCount = 3 }));
        call.Answer("hello");
        Same((await answer).Body!).ShouldBe(
            """{"id":"ID","object":"chat.completion","created":1772366400,"model":"agent","choices":[{"index":0,"message":{"role":"assistant","content":"hello","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}""");
    }

    [Fact]
    public async Task Whole_ACallOfTheCallers_HasOpenAIsShape()
    {
        var answer = _bench.PostAsync("/v1/chat/completions", $$"""{"messages":[{"role":"user","content":"hi"}],"tools":{{Tools}}}""");
        (await _bench.Turns.Model.NextAsync()).Calls(Call("weather", """{"town":"Bern"}""", "c1"));
        Same((await answer).Body!["choices"]!).ShouldBe(
            """[{"index":0,"message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\u0022town\u0022:\u0022Bern\u0022}"}}]},"finish_reason":"tool_calls"}]""");
    }

    [Fact]
    public async Task Stream_ACallOfTheCallers_ComesInOpenAIsPieces()
    {
        var answer = _bench.StreamAsync("/v1/chat/completions", $$"""{"messages":[{"role":"user","content":"hi"}],"stream":true,"tools":{{Tools}}}""");
        (await _bench.Turns.Model.NextAsync()).Calls(Call("weather", "{}", "c1"));
        var frames = await answer;
        frames[^1].Data.ShouldBe("[DONE]");
        frames.SkipLast(1).Select(f => Same(JsonNode.Parse(f.Data)!["choices"]!)).ShouldBe(
        [
            """[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]""",
            """[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"weather","arguments":""}}]},"finish_reason":null}]""",
            """[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"finish_reason":null}]""",
            """[{"index":0,"delta":{},"finish_reason":"tool_calls"}]""",
        ]);
    }

    [Fact]
    public async Task Whole_ATurnThatWaitsForAPerson_IsAConflictThatNobodyTriesAgain()
    {
        var answer = _bench.Http.PostAsync("/v1/chat/completions", new StringContent("""{"messages":[{"role":"user","content":"hi"}]}""", System.Text.Encoding.UTF8, "application/json"));
        (await _bench.Turns.Model.NextAsync()).Calls(Call("danger"));
        using var response = await answer;
        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        response.Headers.GetValues("x-should-retry").Single().ShouldBe("false");
        ((string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["code"]).ShouldBe("turn_waiting");
    }

    [Fact]
    public async Task Post_WithASessionsResultsTwice_IsRefusedAndNothingIsAsked()
    {
        var asked = _bench.PostAsync("/v1/chat/completions", $$"""{"messages":[{"role":"user","content":"hi"}],"user":"s","tools":{{Tools}}}""");
        (await _bench.Turns.Model.NextAsync()).Calls(Call("weather", "{}", "c1"), Call("weather", "{}", "c2"));
        await asked;
        foreach (var (results, named) in new[]
        {
            ("""{"role":"tool","tool_call_id":"c1","content":"sun"}""", "'c2'"),
            ("""{"role":"tool","tool_call_id":"c1","content":"sun"},{"role":"tool","tool_call_id":"c1","content":"rain"}""", "two results of the call 'c1'"),
            ("""{"role":"tool","tool_call_id":"c9","content":"sun"}""", "'c9'"),
        })
        {
            var (status, body) = await _bench.PostAsync("/v1/chat/completions", $$"""{"messages":[{{results}}],"user":"s"}""");
            status.ShouldBe(HttpStatusCode.BadRequest);
            ((string?)body!["error"]!["param"], (string?)body["error"]!["type"]).ShouldBe(("messages", "invalid_request_error"));
            ((string?)body["error"]!["message"])!.ShouldContain(named);
        }

        _bench.Turns.Model.IsAsked.ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"top_p":1.5}""", "top_p", "0 to 1")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"presence_penalty":3}""", "presence_penalty", "-2 to 2")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_tokens":0}""", "max_tokens", "above 0")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"logit_bias":{"5":1}}""", "logit_bias", "Leave")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema"}}""", "response_format.schema", "missing")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a b"}}]}""", "tools[0].function.name", "1 to 64")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"a"}}]}""", "tools[1].function.name", "Two tools")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":{"type":"function","function":{"name":"b"}}}""", "tool_choice", "'b'")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]}""", "messages[0].content[0]", "Sound")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}]}]}""", "messages[0].content[0].image_url", "http")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,%%"}}]}]}""", "messages[0].content[0].image_url", "base64")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:text/html;base64,YQ=="}}]}]}""", "messages[0].content[0].image_url", "picture")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]}""", "messages[0].content[0].file.file_data", "file_id")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.zip","file_data":"YQ=="}}]}]}""", "messages[0].content[0].file", "ingest")]
    [InlineData("""{"messages":[{"role":"assistant","content":"x"}]}""", "messages", "last message")]
    [InlineData("""{"messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"y"}]}""", "messages", "'c1'")]
    [InlineData("""{"messages":[{"role":"user","content":"x"},{"role":"tool","tool_call_id":"c1","content":"y"}]}""", "messages", "'c1'")]
    [InlineData("""{"messages":[{"role":"user","content":"x"},{"role":"tool","content":"y"}]}""", "messages[1].tool_call_id", "names the call")]
    [InlineData("""{"messages":[{"role":"robot","content":"x"}]}""", "messages[0].role", "robot", false)]
    public async Task Post_WhatCantBeHonoured_IsRefusedByItsName(string body, string param, string says, bool contains = true)
    {
        var (status, answer) = await _bench.PostAsync("/v1/chat/completions", body);
        status.ShouldBe(HttpStatusCode.BadRequest);
        ((string?)answer!["error"]!["param"], (string?)answer["error"]!["code"]).ShouldBe((param, "unsupported_value"));
        ((string?)answer["error"]!["message"])!.Contains(says, StringComparison.Ordinal).ShouldBe(contains);
        _bench.Turns.Model.IsAsked.ShouldBeFalse();
    }

    [Fact]
    public async Task Post_ATextFileAndAPdf_TheTextIsReadAndThePdfShown()
    {
        _ = _bench.PostAsync("/v1/chat/completions", """
            {"messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"file","file":{"filename":"a.txt","file_data":"data:text/plain;base64,aGVsbG8="}},
            {"type":"file","file":{"filename":"b.pdf","file_data":"JVBERg=="}}]}]}
            """);
        var asked = await _bench.Turns.Model.NextAsync();
        asked.Messages[^1].Text.ShouldBe("see\n\n<file name=\"a.txt\">\nhello\n</file>\n");
        asked.Messages[^1].Contents.OfType<DataContent>().Single().MediaType.ShouldBe("application/pdf");
    }

    private static string Same(JsonNode body)
    {
        var text = body.ToJsonString();
        return body is JsonObject o && (string?)o["id"] is { } id ? text.Replace(id, "ID", StringComparison.Ordinal) : text;
    }
}
