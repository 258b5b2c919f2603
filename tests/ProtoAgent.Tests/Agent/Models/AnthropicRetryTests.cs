using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Models.Anthropic;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Models.AnthropicFixture;

namespace ProtoAgent.Tests.Agent.Models;

/// <summary>Trying again, and giving up with words.</summary>
public sealed class AnthropicRetryTests : IAsyncDisposable
{
    private readonly AnthropicFixture _model = new(retries: 2);

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    [Theory]
    [InlineData(408)]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(529)]
    public async Task Answer_EndpointRecovers_AskedAgainWithGrowingPauses(int status)
    {
        _model.Server.Reply(Refusing(status), Refusing(status), Saying("here"));
        (await _model.AskAsync()).ToChatResponse().Text.ShouldBe("here");
        _model.Server.Requests.Select(r => r.Body).Distinct().Count().ShouldBe(1);
        var waits = _model.Time.Waits.ToList();
        waits.Count.ShouldBe(2);
        waits[0].ShouldBeInRange(TimeSpan.FromMilliseconds(375), TimeSpan.FromMilliseconds(500));
        waits[1].ShouldBeInRange(TimeSpan.FromMilliseconds(750), TimeSpan.FromMilliseconds(1000));
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData("Wed, 01 Jan 2020 00:00:30 GMT", 30)]
    [InlineData("Tue, 01 Jan 2019 00:00:00 GMT", 0)]
    public async Task Answer_RetryAfter_Heeded(string after, int seconds)
    {
        _model.Server.Reply(RawReply.Json(429, "{}", ("Retry-After", after), ("Date", "Wed, 01 Jan 2020 00:00:00 GMT")), Saying("here"));
        await _model.AskAsync();
        _model.Time.Waits.Sum(w => w.TotalSeconds).ShouldBe(seconds);
    }

    [Fact]
    public async Task Answer_RetryAfterLongerThanTheCall_GivesUpAtOnceAndSaysIt()
    {
        _model.Server.Reply(RawReply.Json(429, """{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}""", ("Retry-After", "3600")));
        var failed = await Should.ThrowAsync<ModelException>(() => _model.AskAsync());
        (failed.Code, failed.RetryAfter).ShouldBe(("model_rate_limited", TimeSpan.FromHours(1)));
        failed.Message.ShouldContain("slow down");
        _model.Server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Answer_OverloadedBeforeTheFirstPiece_AskedAgain()
    {
        _model.Server.Reply(Events(Started, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"""), Saying("here"));
        (await _model.AskAsync()).ToChatResponse().Text.ShouldBe("here");
    }

    [Fact]
    public async Task Answer_ConnectionBreaksBeforeTheFirstPiece_AskedAgain()
    {
        _model.Server.Reply(Events(Started) with { End = RawEnd.Broken }, Saying("here"));
        (await _model.AskAsync()).ToChatResponse().Text.ShouldBe("here");
    }

    public static TheoryData<int, string, string> Refusals => new()
    {
        { 400, "model_refused", "because" },
        { 401, "model_refused", "ANTHROPIC_API_KEY" },
        { 403, "model_refused", "model.anthropic_api_key" },
        { 404, "model_not_found", "model.name" },
        { 413, "model_refused", "because" },
        { 429, "model_rate_limited", "because" },
        { 504, "model_timeout", "because" },
        { 529, "model_failed", "overloaded" },
        { 500, "model_failed", "because" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Answer_Refused_CodeReasonAndRemedyNeverTheKey(int status, string code, string said)
    {
        _model.Server.Reply(Refusing(status), Refusing(status), Refusing(status));
        var failed = await Should.ThrowAsync<ModelException>(() => _model.AskAsync());
        failed.Code.ShouldBe(code);
        failed.Message.ShouldContain(said);
        failed.ToString().ShouldNotContain(Key);
        _model.Server.Requests.Count.ShouldBe(failed.IsTransient ? 3 : 1);
    }

    [Fact]
    public async Task Answer_ErrorOfMegabytes_ItsBeginning()
    {
        _model.Server.Reply(new RawReply(400, "text/plain", [.. Enumerable.Repeat(new byte[100_000], 50)]));
        (await Should.ThrowAsync<ModelException>(() => _model.AskAsync())).Message.Length.ShouldBeLessThan(1000);
    }

    [Fact]
    public async Task Answer_NobodyThere_Unreachable()
    {
        var options = _model.Options with { BaseUrl = new Uri("http://127.0.0.1:9"), Retries = 1 };
        using var http = new HttpClient();
        using var client = new AnthropicClient(options, http, _model.Time);
        var failed = await Should.ThrowAsync<Exception>(() => client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi")]));
        var told = ModelErrors.From(failed, options, begun: false);
        told.Code.ShouldBe("model_unreachable");
        told.Message.ShouldContain("127.0.0.1:9");
        _model.Time.Waits.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Answer_CancelledWhileSilent_Ends()
    {
        _model.Server.Reply(Events(Started, Start(0, """{"type":"text","text":"half"}""")) with { End = RawEnd.Silent });
        using var cancelled = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in _model.Client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")], cancellationToken: cancelled.Token))
            {
                update.Text.ShouldBe("half");
                await cancelled.CancelAsync();
            }
        });
    }

    private static RawReply Refusing(int status) =>
        RawReply.Json(status, $$$"""{"type":"error","error":{"type":"some_error","message":"because of {{{Key}}}"}}""", ("Location", "http://127.0.0.1:9/"));
}
