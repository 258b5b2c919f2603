using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Turns;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>Which model is asked, and what is kept of who answered.</summary>
public sealed class ModelOrderTests : IAsyncLifetime
{
    private readonly TurnFixture _fixture = new();
    private readonly ScriptedClient _second = new();

    public async ValueTask InitializeAsync()
    {
        var second = new ModelOptions { Provider = "openai", Name = "m2", Price = new ModelPrice(1, 2) };
        _fixture.ModelOptions = _fixture.ModelOptions with { Others = new Dictionary<string, ModelOptions> { ["m2"] = second }, Fallbacks = ["m2"], Price = new ModelPrice(10, 20) };
        _fixture.Models["m2"] = _second;
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Failure_BeforeAWord_TheNextModelAnswersAndAnEventSaysSo()
    {
        var turn = _fixture.Send("hello");
        (await _fixture.Model.NextAsync()).Fail(new ModelException("model_failed", "down"));
        var call = await _second.NextAsync();
        call.Say(new UsageContent(new UsageDetails { InputTokenCount = 1_000_000, OutputTokenCount = 500_000 }));
        call.Answer("from the second");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldBe("from the second");
        (await turn.Events.ReadAllAsync().OfType<TurnEvent.FellBack>().ToListAsync()).ShouldBe([new TurnEvent.FellBack("m1", "m2", "model_failed")]);
        var answer = ThreadEntry.Of((await _fixture.Store.ReadStepsAsync("t"))[^1]).Content;
        (answer.Model, answer.CostUsd, answer.InputTokens).ShouldBe(("m2", 2m, 1_000_000));
    }

    [Fact]
    public async Task Failure_AfterAWord_IsTheTurns()
    {
        var turn = _fixture.Send("hello");
        var call = await _fixture.Model.NextAsync();
        call.Say("I was about to");
        call.Fail(new HttpIOException(HttpRequestError.ResponseEnded));
        (await turn.Completion).ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("model_stream_cut");
        _second.IsAsked.ShouldBeFalse();
        (await _fixture.ThreadAsync()).ShouldNotContain(s => s.StartsWith("assistant", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Failure_OfAll_TheLastOnesReason()
    {
        var turn = _fixture.Send("hello");
        (await _fixture.Model.NextAsync()).Fail(new ModelException("model_unreachable", "first"));
        (await _second.NextAsync()).Fail(new ModelException("model_rate_limited", "second", TimeSpan.FromSeconds(7)));
        (await turn.Completion).ShouldBe(new TurnEvent.Failed("model_rate_limited", "second", TimeSpan.FromSeconds(7)));
    }

    [Fact]
    public async Task Request_NamesAModel_ThatOneIsAsked()
    {
        var turn = _fixture.Runner.Start(new TurnRequest { Message = "hello", Model = "m2" });
        (await _second.NextAsync()).Answer("me");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
        turn.Model.ShouldBe("m2");
    }

    [Fact]
    public async Task Thoughts_AreToldApartAndSignedOnesGoBackWithTheirCall()
    {
        _fixture.Tools.Add(new FakeTool("look", ProtoAgent.Agent.Tools.ToolTraits.Idempotent));
        await _fixture.CrashAsync();
        var turn = _fixture.Send("hello");
        var call = await _fixture.Model.NextAsync();
        call.Say(new TextReasoningContent("let me "), new TextReasoningContent("see"), new TextReasoningContent("") { ProtectedData = "sig" });
        call.Calls(TurnFixture.Call("look"));
        var second = await _fixture.Model.NextAsync();
        var thought = second.Messages[^2].Contents[0].ShouldBeOfType<TextReasoningContent>();
        (thought.Text, thought.ProtectedData).ShouldBe(("let me see", "sig"));
        second.Say(new TextReasoningContent("now I know"));
        second.Answer("seen");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldBe("seen");
        var next = _fixture.Send("and?");
        var third = await _fixture.Model.NextAsync();
        third.Messages.SelectMany(m => m.Contents).OfType<TextReasoningContent>().Select(t => t.Text).ShouldBe(["let me see"]);
        third.Answer("fine");
        await next.Completion;
    }
}
