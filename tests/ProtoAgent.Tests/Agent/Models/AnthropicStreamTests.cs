using System.Text;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Models.AnthropicFixture;

namespace ProtoAgent.Tests.Agent.Models;

/// <summary>Answers as the Messages API streams them.</summary>
public sealed class AnthropicStreamTests : IAsyncDisposable
{
    private readonly AnthropicFixture _model = new();

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    [Fact]
    public async Task Answer_Text_PiecesTokensAndReason()
    {
        _model.Server.Reply(Events(Started, """{"type":"ping"}""", Start(0, """{"type":"text","text":""}"""), TextDelta("good "), """{"type":"something_new","x":[1]}""", TextDelta("day"), Stop(0), Ending("end_turn"), Stopped));
        var updates = await _model.AskAsync();
        updates.Select(u => u.Text).Where(t => t.Length > 0).ShouldBe(["good ", "day"]);
        updates.ShouldAllBe(u => u.Role == ChatRole.Assistant && u.MessageId == "msg_1" && u.ModelId == "claude-x");
        updates[^1].FinishReason.ShouldBe(ChatFinishReason.Stop);
        var usage = updates.SelectMany(u => u.Contents).OfType<UsageContent>().Single().Details;
        (usage.InputTokenCount, usage.CachedInputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount).ShouldBe((240, 200, 7, 247));
    }

    [Theory]
    [InlineData("end_turn", "stop")]
    [InlineData("stop_sequence", "stop")]
    [InlineData("max_tokens", "length")]
    [InlineData("tool_use", "tool_calls")]
    [InlineData("refusal", "content_filter")]
    [InlineData("pause_turn", "pause_turn")]
    public async Task Answer_StopReason_InTheFieldsWords(string said, string expected)
    {
        _model.Server.Reply(Events(Started, Start(0, """{"type":"text","text":"x"}"""), Stop(0), Ending(said), Stopped));
        (await _model.AskAsync())[^1].FinishReason!.Value.Value.ShouldBe(expected);
    }

    [Fact]
    public async Task Answer_Thinking_ApartWithWhatItTakesToGiveItBack()
    {
        _model.Server.Reply(Events(
            Started,
            Start(0, """{"type":"thinking","thinking":"","signature":""}"""),
            Delta(0, """{"type":"thinking_delta","thinking":"let me "}"""),
            Delta(0, """{"type":"thinking_delta","thinking":"see"}"""),
            Delta(0, """{"type":"signature_delta","signature":"c2ln"}"""),
            Stop(0),
            Start(1, """{"type":"redacted_thinking","data":"c2VhbGVk"}"""),
            Stop(1),
            Start(2, """{"type":"text","text":""}"""),
            TextDelta("done", 2),
            Stop(2),
            Ending("end_turn"),
            Stopped));
        var answer = (await _model.AskAsync()).ToChatResponse();
        answer.Text.ShouldBe("done");
        answer.Messages.Single().Contents.OfType<TextReasoningContent>().Select(r => (r.Text, r.ProtectedData)).ShouldBe([("let me see", "c2ln"), ("", "redacted:c2VhbGVk")]);

        // Said again, it is what the API gave.
        _model.Server.Reply(Saying("ok"));
        await _model.AskAsync([new(ChatRole.User, "hi"), .. answer.Messages, new(ChatRole.User, "and?")]);
        var body = _model.Server.Requests.Last().Body;
        body.ShouldContain("""{"role":"assistant","content":[{"type":"thinking","thinking":"let me see","signature":"c2ln"},{"type":"redacted_thinking","data":"c2VhbGVk"},{"type":"text","text":"done"}]}""");
    }

    [Fact]
    public async Task Answer_Tools_OneAndSeveralWholeWhenTheyAreWhole()
    {
        _model.Server.Reply(Events(
            Started,
            Start(0, """{"type":"text","text":"I look"}"""),
            Stop(0),
            Start(1, """{"type":"tool_use","id":"toolu_1","name":"time","input":{}}"""),
            Start(2, """{"type":"tool_use","id":"toolu_2","name":"find","input":{}}"""),
            Delta(2, """{"type":"input_json_delta","partial_json":"{\"q\": \"wh"}"""),
            Delta(2, """{"type":"input_json_delta","partial_json":"y\", \"n\": 3}"}"""),
            Stop(2),
            Delta(1, """{"type":"input_json_delta","partial_json":""}"""),
            Stop(1),
            Ending("tool_use"),
            Stopped));
        var updates = await _model.AskAsync();
        var calls = updates.SelectMany(u => u.Contents).OfType<FunctionCallContent>().ToList();
        calls.Select(c => (c.CallId, c.Name)).ShouldBe([("toolu_2", "find"), ("toolu_1", "time")]);
        calls[0].Arguments!.ToDictionary(a => a.Key, a => a.Value!.ToString()).ShouldBe(new Dictionary<string, string?> { ["q"] = "why", ["n"] = "3" });
        calls[1].Arguments.ShouldBeEmpty();
        calls.ShouldAllBe(c => c.Exception == null);
        updates[^1].FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
    }

    [Theory]
    [InlineData("{\"q\": tru")]
    [InlineData("[1]")]
    [InlineData("{}{}")]
    public async Task Answer_ToolArgumentsThatAreNone_NameIdAndRawTextKept(string written)
    {
        _model.Server.Reply(Events(
            Started,
            Start(0, """{"type":"tool_use","id":"toolu_1","name":"find","input":{}}"""),
            Delta(0, $$"""{"type":"input_json_delta","partial_json":{{System.Text.Json.JsonSerializer.Serialize(written)}}}"""),
            Stop(0),
            Ending("tool_use"),
            Stopped));
        var call = (await _model.AskAsync()).SelectMany(u => u.Contents).OfType<FunctionCallContent>().Single();
        (call.CallId, call.Name).ShouldBe(("toolu_1", "find"));
        call.Exception.ShouldNotBeNull();
        call.AdditionalProperties!["arguments"].ShouldBe(written);
    }

    [Fact]
    public async Task Answer_BrokenInTheMiddleOfCharacters_WholeText()
    {
        const string Said = "héllo 🜁 wörld";
        var bytes = Encoding.UTF8.GetBytes(string.Concat(
            ((string[])[Started, Start(0, """{"type":"text","text":""}"""), $$$"""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{{{Said}}}"}}""", Stop(0), Ending("end_turn"), Stopped]).Select(Event)));
        _model.Server.Reply(new RawReply(200, "text/event-stream", [.. bytes.Select(b => new[] { b })]));
        (await _model.AskAsync()).ToChatResponse().Text.ShouldBe(Said);
    }

    [Fact]
    public async Task Answer_TenMegabytes_Whole()
    {
        var piece = new string('x', 100_000);
        _model.Server.Reply(Saying([.. Enumerable.Repeat(piece, 100)]));
        (await _model.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "much")])).Text.Length.ShouldBe(10_000_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_CutOff_NoFinishReason(bool broken)
    {
        var end = broken ? RawEnd.Broken : RawEnd.Whole;
        RawReply Cut() => Events(Started, Start(0, """{"type":"text","text":""}"""), TextDelta("half a th"), Stop(0), Ending("end_turn")) with { End = end };
        _model.Server.Reply(Cut(), Cut());
        var updates = new List<ChatResponseUpdate>();
        try
        {
            await foreach (var update in _model.Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")]))
            {
                updates.Add(update);
            }

            end.ShouldBe(RawEnd.Whole);
        }
        catch (HttpIOException e)
        {
            end.ShouldBe(RawEnd.Broken);
            ModelErrors.From(e, _model.Options, begun: true).Code.ShouldBe("model_stream_cut");
        }

        updates.ShouldAllBe(u => u.FinishReason == null);
        updates.Single().Text.ShouldBe("half a th");
        _model.Server.Requests.Count.ShouldBe(1, "what has begun is not asked again");

        var whole = await Should.ThrowAsync<Exception>(() => _model.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi")]));
        ModelErrors.From(whole, _model.Options, begun: true).Code.ShouldBe("model_stream_cut");
    }

    [Fact]
    public async Task Answer_ErrorInTheMiddle_SaidAndNotAskedAgain()
    {
        _model.Server.Reply(Events(Started, Start(0, """{"type":"text","text":"half"}"""), $$$"""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded, {{{Key}}}"}}"""));
        var failed = await Should.ThrowAsync<ModelException>(() => _model.AskAsync());
        failed.Code.ShouldBe("model_failed");
        failed.Message.ShouldContain("overloaded");
        failed.Message.ShouldNotContain(Key);
        _model.Server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Answer_NotJson_CutOff()
    {
        _model.Server.Reply(RawReply.Stream("event: message_start\ndata: {\"type\":\"mess\n\n"));
        var failed = await Should.ThrowAsync<Exception>(() => _model.AskAsync());
        ModelErrors.From(failed, _model.Options, begun: false).Code.ShouldBe("model_stream_cut");
    }

    [Fact]
    public async Task Answer_NotAStream_SaysWhatCameAndWhereToLook()
    {
        _model.Server.Reply(new RawReply(200, "text/html", [Encoding.UTF8.GetBytes("<html>welcome</html>")]));
        var failed = await Should.ThrowAsync<ModelException>(() => _model.AskAsync());
        failed.Code.ShouldBe("model_failed");
        failed.Message.ShouldContain("text/html");
        failed.Message.ShouldContain("model.base_url");
        _model.Server.Requests.Count.ShouldBe(1);
    }
}
