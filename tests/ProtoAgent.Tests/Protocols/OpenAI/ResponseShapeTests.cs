using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Protocols.OpenAI;

public sealed class ResponseShapeTests : IAsyncLifetime
{
    private readonly OpenAIBench _bench = new();
    private readonly FakeTool _danger = new("danger", ToolTraits.NeedsApproval);

    public async ValueTask InitializeAsync()
    {
        _bench.Turns.Tools.AddRange([_danger, new FakeTool("look", ToolTraits.Idempotent)]);
        await _bench.StartAsync();
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Whole_AnAnswer_HasOpenAIsShape()
    {
        var answer = _bench.PostAsync("/v1/responses", """{"input":"hi","temperature":0.5}""");
        var call = await _bench.Turns.Model.NextAsync();
        call.Say(new UsageContent(new UsageDetails { InputTokenCount = 7, OutputTokenCount = 3 }));
        call.Answer("hello");
        var body = (await answer).Body!;
        var (id, session) = ((string)body["id"]!, (string)body["session_id"]!);
        body.ToJsonString().Replace(id[5..], "N", StringComparison.Ordinal).Replace(session, "S", StringComparison.Ordinal).ShouldBe(
            """
            {"id":"resp_N","object":"response","created_at":1772366400,"status":"completed","background":false,"error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"model":"m1",
            "output":[{"id":"msg_N_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hello","annotations":[]}]}],"parallel_tool_calls":true,"previous_response_id":null,
            "reasoning":{"effort":null,"summary":null},"store":true,"temperature":0.5,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":null,"truncation":"disabled",
            "usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":0},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":10},"metadata":{},"session_id":"S"}
            """.ReplaceLineEndings(""));
        (await _bench.GetAsync($"/v1/responses/{id}")).Body!.ToJsonString().ShouldBe(body.ToJsonString());
    }

    [Fact]
    public async Task Stream_WordsThenAToolThenACall_EachIsAnItemOfItsOwn()
    {
        var answer = _bench.StreamAsync("/v1/responses", """{"input":"hi","stream":true,"tools":[{"type":"function","name":"weather"}]}""");
        var first = await _bench.Turns.Model.NextAsync();
        first.Say("I look. ");
        first.Calls(Call("look", "{}", "c0"));
        var second = await _bench.Turns.Model.NextAsync();
        second.Say("I ask.");
        second.Calls(Call("weather", "{}", "c1"));
        var frames = await answer;

        frames.Select(f => f.Name).ShouldBe(frames.Select(f => (string?)JsonNode.Parse(f.Data)!["type"]), "the event's name is its type");
        var events = frames.Select(f => JsonNode.Parse(f.Data)!).ToList();
        events.Select(e => (int)e["sequence_number"]!).ShouldBe(Enumerable.Range(0, events.Count));
        events.Where(e => (string?)e["type"] == "response.output_item.done").Select(e => $"{e["output_index"]} {e["item"]!["type"]} {e["item"]!["content"]?[0]!["text"]}{e["item"]!["call_id"]}")
            .ShouldBe(["0 message I look. ", "1 message I ask.", "2 function_call c1"]);
        var last = events[^1];
        ((string?)last["type"]).ShouldBe("response.completed");
        last["response"]!["output"]!.AsArray().Select(i => i!.ToJsonString()).ShouldBe(events.Where(e => (string?)e["type"] == "response.output_item.done").Select(e => e["item"]!.ToJsonString()));
        events.Where(e => ((string)e["type"]!).StartsWith("response.function_call_arguments", StringComparison.Ordinal)).Select(e => $"{e["type"]} {e["delta"]}{e["arguments"]}")
            .ShouldBe(["response.function_call_arguments.delta {}", "response.function_call_arguments.done {}"]);
    }

    [Fact]
    public async Task Whole_ATurnThatWaitsForAPerson_IsIncompleteUntilItIsDecided()
    {
        var answer = _bench.PostAsync("/v1/responses", """{"input":"hi"}""");
        (await _bench.Turns.Model.NextAsync()).Calls(Call("danger"));
        var (status, body) = await answer;
        (status, (string?)body!["status"], (string?)body["incomplete_details"]?["reason"]).ShouldBe((HttpStatusCode.OK, "incomplete", "turn_waiting"));

        var waiting = (await _bench.Turns.Store.ListApprovalsAsync(10)).Single();
        await _bench.Turns.Runner.DecideAsync(waiting.Id, Decision.Approve, null, CancellationToken.None);
        (await _bench.Turns.Model.NextAsync()).Answer("done");
        while (await _bench.Turns.Store.GetTurnAsync(waiting.TurnId) is { FinishedAt: null })
        {
            await Task.Yield();
        }

        var found = (await _bench.GetAsync($"/v1/responses/{body["id"]}")).Body!;
        ((string?)found["status"], (string?)found["output"]![0]!["content"]![0]!["text"]).ShouldBe(("completed", "done"));
    }

    [Fact]
    public async Task Background_ATurnThatWaitsForAPerson_IsInProgress()
    {
        var body = (await _bench.PostAsync("/v1/responses", """{"input":"hi","background":true}""")).Body!;
        ((string?)body["status"]).ShouldBe("in_progress");
        (await _bench.Turns.Model.NextAsync()).Calls(Call("danger"));
        while ((await _bench.Turns.Store.ListApprovalsAsync(10)).Count == 0)
        {
            await Task.Yield();
        }

        ((string?)(await _bench.GetAsync($"/v1/responses/{body["id"]}")).Body!["status"]).ShouldBe("in_progress");
        ((string?)(await _bench.PostAsync($"/v1/responses/{body["id"]}/cancel", "{}")).Body!["status"]).ShouldBe("cancelled");
    }

    [Fact]
    public async Task Whole_AnAnswerThatRanOutOfTokens_IsIncomplete()
    {
        var answer = _bench.PostAsync("/v1/responses", """{"input":"hi","max_output_tokens":5}""");
        var call = await _bench.Turns.Model.NextAsync();
        call.Options!.MaxOutputTokens.ShouldBe(5);
        call.Say("half");
        call.End(ChatFinishReason.Length);
        var body = (await answer).Body!;
        ((string?)body["status"], (string?)body["incomplete_details"]!["reason"], (int)body["max_output_tokens"]!).ShouldBe(("incomplete", "max_output_tokens", 5));
    }

    [Fact]
    public async Task Whole_OfATurnOfAnotherDoor_IsNotFound()
    {
        var turn = _bench.Turns.Send("hi");
        (await _bench.Turns.Model.NextAsync()).Answer("hello");
        await turn.Completion;
        (await _bench.GetAsync($"/v1/responses/resp_{turn.TurnId.Replace("-", "", StringComparison.Ordinal)}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _bench.GetAsync("/v1/responses/nonsense")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Conversation_OfASession_GoesOnWithIt()
    {
        var one = _bench.PostAsync("/v1/responses", """{"input":"one","conversation":"c"}""");
        (await _bench.Turns.Model.NextAsync()).Answer("1");
        await one;
        var two = _bench.PostAsync("/v1/responses", """{"input":[{"role":"user","content":"two"},{"role":"user","content":"three"}],"conversation":{"id":"c"}}""");
        var asked = await _bench.Turns.Model.NextAsync();
        asked.Messages.Skip(1).Select(m => m.Text).ShouldBe(["one", "1", "two\n\nthree"]);
        asked.Answer("2");
        ((string?)(await two).Body!["session_id"]).ShouldBe("c");
        var (status, refused) = await _bench.PostAsync("/v1/responses", """{"input":[{"role":"assistant","content":"I"},{"role":"user","content":"x"}],"conversation":"c"}""");
        (status, (string?)refused!["error"]!["param"]).ShouldBe((HttpStatusCode.BadRequest, "input"));
    }

    [Theory]
    [InlineData("""{}""", "input")]
    [InlineData("""{"input":""}""", "input")]
    [InlineData("""{"input":[{"type":"item_reference","id":"x"}]}""", "input[0]")]
    [InlineData("""{"input":[{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"role":"user","content":"x"}]}""", "input")]
    [InlineData("""{"input":"x","tools":[{"type":"web_search"}]}""", "tools[0].type")]
    [InlineData("""{"input":"x","prompt":{"id":"p"}}""", "prompt")]
    [InlineData("""{"input":"x","background":true,"store":false}""", "background")]
    [InlineData("""{"input":"x","previous_response_id":"resp_1","conversation":"c"}""", "previous_response_id")]
    [InlineData("""{"input":"x","text":{"verbosity":"low"}}""", "text.verbosity")]
    [InlineData("""{"input":"x","reasoning":{"effort":"huge"}}""", "reasoning.effort")]
    [InlineData("""{"input":"x","temperature":-1}""", "temperature")]
    public async Task Post_WhatCantBeHonoured_IsRefusedByItsName(string body, string param)
    {
        var (status, answer) = await _bench.PostAsync("/v1/responses", body);
        (status, (string?)answer!["error"]!["param"], (string?)answer["error"]!["type"]).ShouldBe((HttpStatusCode.BadRequest, param, "invalid_request_error"));
        _bench.Turns.Model.IsAsked.ShouldBeFalse();
    }

    [Fact]
    public async Task Embeddings_WithoutAModelForThem_AreNotFoundWithWhatToSet()
    {
        var (status, body) = await _bench.PostAsync("/v1/embeddings", """{"model":"x","input":"y"}""");
        (status, (string?)body!["error"]!["code"]).ShouldBe((HttpStatusCode.NotFound, "embeddings_not_configured"));
        ((string?)body["error"]!["message"])!.ShouldContain("knowledge.embeddings.model");
    }
}
