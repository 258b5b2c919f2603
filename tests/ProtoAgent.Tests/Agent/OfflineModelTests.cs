using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent;

public sealed class OfflineModelTests : IDisposable
{
    private readonly OfflineModel _model = new();

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task Answer_FirstMessage_SaysWhatItIsAndHowToConnectARealOne()
    {
        var answer = await AskAsync("hello marker");
        answer.ShouldContain("hello marker");
        answer.ShouldContain("offline model");
        answer.ShouldContain("PROTOAGENT_MODEL_BASE_URL");
        answer.ShouldContain("OPENAI_API_KEY");
    }

    [Fact]
    public async Task Answer_ToAPicture_SaysThatItCantSee()
    {
        var answer = await _model.GetResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("look"), new DataContent(new byte[] { 1 }, "image/png")])], cancellationToken: TestContext.Current.CancellationToken);
        answer.Text.ShouldContain("“look”");
        answer.Text.ShouldContain("can't see");
        (await AskAsync("look")).ShouldNotContain("can't see");
    }

    [Fact]
    public async Task Answer_AskedForJson_IsRefusedWithWhatToDo()
    {
        var refused = await Should.ThrowAsync<ModelException>(() => _model.GetResponseAsync([new ChatMessage(ChatRole.User, "x")], new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, TestContext.Current.CancellationToken));
        refused.Code.ShouldBe("model_refused");
        refused.Message.ShouldContain("PROTOAGENT_MODEL_BASE_URL");
    }

    [Fact]
    public async Task Answer_Later_BriefAndRemembers()
    {
        var answer = await AskAsync("first thing", "second thing");
        answer.ShouldContain("second thing");
        answer.ShouldContain("first thing");
        answer.ShouldNotContain("PROTOAGENT_MODEL_BASE_URL");
    }

    [Theory]
    [InlineData("What did I say first?")]
    [InlineData("do you REMEMBER?")]
    public async Task Answer_AskedBack_QuotesWhatWasSaid(string question)
    {
        var answer = await AskAsync("one", "two", question);
        answer.ShouldContain("1. “one”");
        answer.ShouldContain("2. “two”");
    }

    [Fact]
    public async Task Answer_Streamed_InPiecesWithAReasonAndTokens()
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in _model.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "12345")]))
        {
            updates.Add(update);
        }

        updates.Count.ShouldBeGreaterThan(10);
        updates[^1].FinishReason.ShouldBe(ChatFinishReason.Stop);
        updates[^1].Contents.OfType<UsageContent>().Single().Details.InputTokenCount.ShouldBe(2);
        (await AskAsync("12345")).ShouldBe(string.Concat(updates.Select(u => u.Text)), "the same question has the same answer");
    }

    private async Task<string> AskAsync(params string[] said) =>
        (await _model.GetResponseAsync(said.SelectMany((s, i) => i == said.Length - 1
            ? new[] { new ChatMessage(ChatRole.User, s) }
            : [new ChatMessage(ChatRole.User, s), new ChatMessage(ChatRole.Assistant, "…")]))).Text;
}
