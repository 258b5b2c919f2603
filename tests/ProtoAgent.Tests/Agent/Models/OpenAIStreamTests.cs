using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Models;

/// <summary>What compatible endpoints really send, and what an answer must be made of it.</summary>
public sealed class OpenAIStreamTests : IAsyncDisposable
{
    private readonly RawServer _server = new();
    private readonly ModelCatalog _catalog;

    public OpenAIStreamTests() => _catalog = new ModelCatalog(
        new ModelOptions { Provider = "openai", BaseUrl = new Uri(_server.Url, "v1"), Name = "m", ApiKey = "sk-that-must-not-show", Retries = 0, MaxOutputTokens = 77 });

    public async ValueTask DisposeAsync()
    {
        _catalog.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("reasoning_content")]
    [InlineData("reasoning")]
    public async Task Answer_ReasoningInAFieldOfItsOwn_Apart(string field)
    {
        var answer = await AskAsync(
            Delta($$"""{"role":"assistant","content":"","{{field}}":"let me "}"""), Delta($$"""{"{{field}}":"see"}"""), Delta("""{"content":"good day"}"""), Finish("stop"));
        (Thoughts(answer), answer.Text, answer.FinishReason).ShouldBe(("let me see", "good day", ChatFinishReason.Stop));
    }

    [Theory]
    [InlineData("{\"reasoning\":\"hm\",\"content\":\"yes\"}")]
    [InlineData("{\"reasoning\":\"hm\",\"reasoning_content\":\"hm\",\"content\":\"yes\"}")]
    public async Task Answer_ReasoningAndTextInOnePiece_BothAndOnce(string delta)
    {
        var answer = await AskAsync(Delta(delta), Finish("stop"));
        (Thoughts(answer), answer.Text).ShouldBe(("hm", "yes"));
    }

    [Fact]
    public async Task Answer_ThinkTag_Apart()
    {
        var answer = await AskAsync(Delta("""{"content":"<thi"}"""), Delta("""{"content":"nk>hm</th"}"""), Delta("""{"content":"ink>\n\nyes"}"""), Finish("stop"));
        (Thoughts(answer), answer.Text).ShouldBe(("hm", "yes"));
    }

    [Theory]
    [InlineData("{\"a\": tru")]
    [InlineData("[1]")]
    public async Task Answer_ToolArgumentsThatAreNone_NameIdAndRawTextKept(string written)
    {
        var call = Calls(await AskAsync(Delta(Call(0, "c1", "find", written[..2])), Delta(Call(0, null, null, written[2..])), Finish("tool_calls"))).Single();
        (call.CallId, call.Name, call.AdditionalProperties!["arguments"]).ShouldBe(("c1", "find", written));
        call.Exception.ShouldNotBeNull();
    }

    [Fact]
    public async Task Answer_ToolCalls_PiecedTogether()
    {
        var answer = await AskAsync(
            Delta(Call(0, "c1", "find", "{\"a\"")), Delta(Call(1, "c2", "time", "")), Delta(Call(0, null, null, ": 1}")), Finish("tool_calls"));
        var calls = Calls(answer);
        calls.Select(c => (c.CallId, c.Name, c.Exception)).ShouldBe([("c1", "find", null), ("c2", "time", null)]);
        calls[0].Arguments!["a"]!.ToString().ShouldBe("1");
        calls[1].Arguments.ShouldBeEmpty();
        answer.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
    }

    [Fact]
    public async Task Answer_SeveralCallsUnderOneIndex_StaySeveral()
    {
        var calls = Calls(await AskAsync(Delta(Call(0, "c1", "find", "{\"a\":1}")), Delta(Call(0, "c2", "find", "{\"a\":2}")), Finish("tool_calls")));
        calls.Select(c => (c.CallId, c.Arguments!["a"]!.ToString())).ShouldBe([("c1", "1"), ("c2", "2")]);
    }

    [Fact]
    public async Task Answer_CallWithoutAnId_GetsOne()
    {
        var answer = await AskAsync(Delta(Call(0, null, "find", "{\"a\":1}")), Finish("tool_calls"));
        var call = Calls(answer).Single();
        call.CallId.ShouldStartWith("call_");
        (call.Name, call.Arguments!["a"]!.ToString(), answer.FinishReason).ShouldBe(("find", "1", ChatFinishReason.ToolCalls));
    }

    [Fact]
    public async Task Answer_CutOffInACall_NoCallAndNoFinishReason()
    {
        var answer = await AskAsync(Delta(Call(0, "c1", "find", "{}")));
        Calls(answer).ShouldBeEmpty();
        answer.FinishReason.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"error":{"message":"out of memory, sk-that-must-not-show","type":"server_error"}}""", "model_failed", "out of memory")]
    [InlineData("""{"error":{"message":"slow down","code":429}}""", "model_rate_limited", "slow down")]
    [InlineData("""{"error":"plain words"}""", "model_failed", "plain words")]
    public async Task Answer_ErrorInTheMiddle_Said(string piece, string code, string said)
    {
        var failed = await Should.ThrowAsync<ModelException>(() => AskAsync(Delta("""{"content":"half"}"""), piece, Finish("stop")));
        failed.Code.ShouldBe(code);
        failed.Message.ShouldContain(said);
        failed.Message.ShouldNotContain("sk-that-must-not-show");
    }

    [Fact]
    public async Task Ask_MaxOutputTokens_TheModelsUnlessTheRequestHasOne()
    {
        await AskAsync(Finish("stop"));
        _server.Requests.Last().Body.ShouldContain("\"max_completion_tokens\":77");
        await AskAsync(new ChatOptions { MaxOutputTokens = 5 }, Finish("stop"));
        _server.Requests.Last().Body.ShouldContain("\"max_completion_tokens\":5");
    }

    [Fact]
    public async Task Ask_CallThatCouldNotBeRead_SaidAgainAsAnObject()
    {
        _server.Reply(RawReply.Stream(Event(Finish("stop"))));
        await Client().GetResponseAsync([new(ChatRole.User, "x"), new(ChatRole.Assistant, [ToolArguments.Read("c1", "find", "{oops")]), new(ChatRole.Tool, [new FunctionResultContent("c1", "not JSON")])]);
        _server.Requests.Last().Body.ShouldContain("\"arguments\":\"{}\"");
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("anthropic")]
    public async Task Ask_Redirected_TheKeyStaysHere(string provider)
    {
        await using var elsewhere = new RawServer();
        using var catalog = new ModelCatalog(_catalog.Options with { Provider = provider });
        catalog.TryGet(null, out var model).ShouldBeTrue();
        _server.Reply(RawReply.Json(307, "{}", ("Location", elsewhere.Url.ToString())));
        var failed = await Should.ThrowAsync<Exception>(() => model!.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi")]));
        var told = ModelErrors.From(failed, model!.Options, begun: false);
        told.Code.ShouldBe("model_refused");
        told.Message.ShouldContain("model.base_url");
        elsewhere.Requests.ShouldBeEmpty();
    }

    private static string Thoughts(ChatResponse answer) => string.Concat(answer.Messages.SelectMany(m => m.Contents).OfType<TextReasoningContent>().Select(r => r.Text));

    private static List<FunctionCallContent> Calls(ChatResponse answer) => [.. answer.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>()];

    private static string Delta(string delta) => $$"""{"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{{delta}},"finish_reason":null}]}""";

    private static string Finish(string reason) => $$"""{"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"{{reason}}"}]}""";

    private static string Call(int index, string? id, string? name, string arguments) =>
        $$$"""{"tool_calls":[{"index":{{{index}}},{{{(id is null ? "" : $"\"id\":\"{id}\",")}}}"type":"function","function":{{{{(name is null ? "" : $"\"name\":\"{name}\",")}}}"arguments":{{{System.Text.Json.JsonSerializer.Serialize(arguments)}}}}}]}""";

    private static string Event(string data) => $"data: {data}\n\n";

    private IChatClient Client() => _catalog.TryGet(null, out var model) ? model.Client : throw new InvalidOperationException();

    private Task<ChatResponse> AskAsync(params string[] pieces) => AskAsync(null, pieces);

    private Task<ChatResponse> AskAsync(ChatOptions? options, params string[] pieces)
    {
        _server.Reply(RawReply.Stream([.. pieces.Select(Event), Event("[DONE]")]));
        return Client().GetResponseAsync([new ChatMessage(ChatRole.User, "hi")], options);
    }
}
