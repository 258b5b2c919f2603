using System.Text.Json;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Models.Anthropic;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Models;

/// <summary>What is sent, to the letter.</summary>
public sealed class AnthropicRequestTests
{
    private static readonly ModelOptions s_options = new() { Provider = "anthropic", Name = "claude-x" };

    [Fact]
    public async Task Send_PathAndHeaders_AsTheApiWants()
    {
        await using var model = new AnthropicFixture();
        model.Server.Reply(AnthropicFixture.Saying("hi"));
        await model.AskAsync();
        var request = model.Server.Requests.Single();
        request.Line.ShouldBe("POST /v1/messages HTTP/1.1");
        request.Headers["x-api-key"].ShouldBe(AnthropicFixture.Key);
        request.Headers["anthropic-version"].ShouldBe("2023-06-01");
        request.Headers["Content-Type"].ShouldBe("application/json");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/v1")]
    [InlineData("/v1/")]
    public async Task Send_AddressWithOrWithoutVersion_OneVersion(string path)
    {
        await using var model = new AnthropicFixture();
        model.Server.Reply(AnthropicFixture.Saying("hi"));
        using var http = new HttpClient();
        using var client = new AnthropicClient(model.Options with { BaseUrl = new Uri(model.Server.Url, path), ApiKey = null }, http, TimeProvider.System);
        await client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi")]);
        model.Server.Requests.Single().Line.ShouldBe("POST /v1/messages HTTP/1.1");
        model.Server.Requests.Single().Headers.ShouldNotContainKey("x-api-key");
    }

    [Fact]
    public void Map_AQuestion_TheLeast() => Json([new(ChatRole.User, "hi")]).ShouldBe(
        """{"model":"claude-x","max_tokens":8192,"messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]}],"stream":true}""");

    [Fact]
    public void Map_AFormat_IsAskedForInWords()
    {
        using var schema = JsonDocument.Parse("""{"type":"object","required":["q"]}""");
        var asked = Json([new(ChatRole.System, "be brief"), new(ChatRole.User, "hi")], new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.RootElement) });
        asked.ShouldContain("matches the JSON schema below");
        asked.ShouldContain("required");
    }

    [Fact]
    public void Map_EverythingAtOnce_Golden()
    {
        using var schema = JsonDocument.Parse("""{"type":"object","properties":{"q":{"type":"string"}}}""");
        List<ChatMessage> thread =
        [
            new(ChatRole.System, "be brief"),
            new(ChatRole.User, "first"),
            new(ChatRole.User, "second"),
            new(ChatRole.System, "and kind"),
            new(ChatRole.Assistant,
            [
                new TextReasoningContent("hm") { ProtectedData = "c2ln" },
                new TextReasoningContent("another provider's"),
                new TextContent("  "),
                new FunctionCallContent("functions.find:0", "find", new Dictionary<string, object?> { ["q"] = "x", ["n"] = 1 }),
                new FunctionCallContent("b", "time"),
            ]),
            new(ChatRole.User, "hurry"),
            new(ChatRole.Tool, [new FunctionResultContent("functions.find:0", "found")]),
            new(ChatRole.Tool, [new FunctionResultContent("b", "no clock") { Exception = new InvalidOperationException() }]),
        ];
        var options = new ChatOptions
        {
            Instructions = "you are ada",
            Temperature = 0.5f,
            TopP = 1,
            MaxOutputTokens = 99,
            StopSequences = ["END"],
            Tools = [AIFunctionFactory.CreateDeclaration("find", "Finds.", schema.RootElement), AIFunctionFactory.CreateDeclaration("time", "Tells the time.", default)],
            ToolMode = ChatToolMode.RequireSpecific("find"),
            AllowMultipleToolCalls = false,
        };
        Json(thread, options).ShouldBe(
            """
            {"model":"claude-x","max_tokens":99,"messages":[
            {"role":"user","content":[{"type":"text","text":"first"},{"type":"text","text":"second"}]},
            {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"tool_use","id":"functions_find_0","name":"find","input":{"q":"x","n":1}},{"type":"tool_use","id":"b","name":"time","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"functions_find_0","content":"found"},{"type":"tool_result","tool_use_id":"b","content":"no clock","is_error":true},{"type":"text","text":"hurry","cache_control":{"type":"ephemeral"}}]}],
            "stream":true,"system":[{"type":"text","text":"you are ada"},{"type":"text","text":"be brief"},{"type":"text","text":"and kind","cache_control":{"type":"ephemeral"}}],
            "temperature":0.5,"stop_sequences":["END"],
            "tools":[{"name":"find","description":"Finds.","input_schema":{"type":"object","properties":{"q":{"type":"string"}}}},{"name":"time","description":"Tells the time.","input_schema":{"type":"object"}}],
            "tool_choice":{"type":"tool","name":"find","disable_parallel_tool_use":true}}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public void Map_CallsButNoToolsLeft_DeclaredAndForbidden()
    {
        List<ChatMessage> thread =
        [
            new(ChatRole.User, "when?"),
            new(ChatRole.Assistant, [new FunctionCallContent("a", "time")]),
            new(ChatRole.Tool, [new FunctionResultContent("a", "now")]),
        ];
        Json(thread).ShouldContain(""""tools":[{"name":"time","description":"No longer offered.","input_schema":{"type":"object"}}],"tool_choice":{"type":"none"}"""");
    }

    [Fact]
    public void Map_ToolModes_InTheirWords()
    {
        string Choice(ChatToolMode? mode) => RequestMapper.Map([new(ChatRole.User, "x")], new ChatOptions { Tools = [AIFunctionFactory.CreateDeclaration("f", "", default)], ToolMode = mode }, s_options).ToolChoice!.Type;
        Choice(null).ShouldBe("auto");
        Choice(ChatToolMode.Auto).ShouldBe("auto");
        Choice(ChatToolMode.RequireAny).ShouldBe("any");
        Choice(ChatToolMode.None).ShouldBe("none");
    }

    [Fact]
    public void Map_Images_EmbeddedAndOthersRefused()
    {
        Json([new(ChatRole.User, [new TextContent("what is it?"), new DataContent(new byte[] { 1, 2, 3 }, "image/png")])])
            .ShouldContain("""{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}""");
        Json([new(ChatRole.User, [new UriContent("https://example.org/a.png", "image/png")])])
            .ShouldContain("""{"type":"image","source":{"type":"url","url":"https://example.org/a.png"}""");
        var refused = Should.Throw<ModelException>(() => Json([new(ChatRole.User, [new DataContent(new byte[] { 1 }, "audio/wav")])]));
        refused.Code.ShouldBe("model_refused");
        refused.Message.ShouldContain("audio/wav");
    }

    [Fact]
    public void Map_MaxOutputTokens_TheRequestsThenTheModelsThenOurs()
    {
        int Longest(int? asked, int? configured) => RequestMapper.Map([new(ChatRole.User, "x")], new ChatOptions { MaxOutputTokens = asked }, s_options with { MaxOutputTokens = configured }).MaxTokens;
        Longest(5, 50).ShouldBe(5);
        Longest(null, 50).ShouldBe(50);
        Longest(null, null).ShouldBe(8192);
    }

    private static string Json(IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
        JsonSerializer.Serialize(RequestMapper.Map(messages, options, s_options), AnthropicJson.Default.MessagesRequest);
}
