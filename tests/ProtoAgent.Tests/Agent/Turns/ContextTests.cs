using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Context;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>What a model is told of a thread that is larger than it may read.</summary>
public sealed class ContextTests : IAsyncLifetime
{
    private const int Budget = 2_000;

    private readonly TurnFixture _fixture = new();
    private readonly FakeTool _look = new("look", ToolTraits.Idempotent);

    public async ValueTask InitializeAsync()
    {
        _fixture.Tools.Add(_look);
        _fixture.Context = new ContextOptions { BudgetTokens = Budget };
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task OldResults_AreCutFirst_HeadAndTailMarked()
    {
        _look.Does = (arguments, _) => Task.FromResult($"HEAD{arguments.GetProperty("n")} {new string('x', 4_000)} TAIL");
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Call("look", """{"n":1}"""));
        (await _fixture.Model.NextAsync()).Calls(Call("look", """{"n":2}"""));
        var third = await _fixture.Model.NextAsync();
        var results = third.Messages.SelectMany(m => m.Contents.OfType<FunctionResultContent>()).Select(r => r.Result!.ToString()!).ToList();
        results[0].ShouldStartWith("HEAD1");
        results[0].ShouldEndWith("TAIL");
        results[0].ShouldContain("characters left out");
        results[1].ShouldNotContain("left out", customMessage: "the newest is what the model has not read yet");
        third.Answer("read");
        await turn.Completion;
        (await _fixture.ThreadAsync()).Count(s => s.Contains(new string('x', 4_000))).ShouldBe(2, "the thread keeps all");
    }

    [Fact]
    public async Task OldTurns_AreSummarisedOnceAndStayInTheThread()
    {
        for (var i = 0; i < 6; i++)
        {
            await SaidAsync($"question {i} {new string('q', 600)}", $"answer {i} {new string('a', 600)}");
        }

        var turn = _fixture.Send("question 6");
        var summary = await _fixture.Model.NextAsync();
        summary.Messages[0].Text.ShouldContain("condense");
        summary.Options!.Tools.ShouldBeNull();
        summary.Last.ShouldContain("question 0");
        summary.Say(new UsageContent(new UsageDetails { InputTokenCount = 70, OutputTokenCount = 7 }));
        summary.Answer("they asked much");
        var call = await _fixture.Model.NextAsync();
        call.Messages.ShouldContain(m => m.Text.Contains("<conversation_summary>\nthey asked much"));
        call.Messages.ShouldNotContain(m => m.Text.Contains("question 0"));
        call.Last.ShouldBe("question 6");
        call.Answer("answer 6");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Usage.ShouldBe(new TurnUsage(70, 7), "a summary costs what it costs");

        var thread = await _fixture.ThreadAsync();
        thread.Count(s => s.StartsWith("user", StringComparison.Ordinal)).ShouldBe(7);
        thread.ShouldContain("summary they asked much");

        // The next turn begins from the summary, in another process too.
        await _fixture.CrashAsync();
        var next = _fixture.Send("question 7");
        call = await _fixture.Model.NextAsync();
        call.Messages.Count(m => m.Text.Contains("they asked much")).ShouldBe(1);
        call.Messages.ShouldNotContain(m => m.Text.Contains("question 0"));
        call.Answer("answer 7");
        (await next.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }

    [Fact]
    public async Task Summary_ThatCantBeHad_LosesNoTurn()
    {
        for (var i = 0; i < 6; i++)
        {
            await SaidAsync($"question {i} {new string('q', 600)}", $"answer {i} {new string('a', 600)}");
        }

        var turn = _fixture.Send("question 6");
        (await _fixture.Model.NextAsync()).Fail(new HttpRequestException("no"));
        var call = await _fixture.Model.NextAsync();
        call.Messages.ShouldContain(m => m.Text.Contains("left out"));
        call.Messages.Sum(m => m.Text.Length / 4).ShouldBeLessThan(Budget);
        call.Last.ShouldBe("question 6");
        call.Answer("fine");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }

    [Fact]
    public async Task Summary_ThatCantBeHad_IsAskedForOnceInATurn()
    {
        for (var i = 0; i < 6; i++)
        {
            await SaidAsync($"question {i} {new string('q', 600)}", $"answer {i} {new string('a', 600)}");
        }

        var turn = _fixture.Send("question 6");
        (await _fixture.Model.NextAsync()).Fail(new HttpRequestException("no"));
        (await _fixture.Model.NextAsync()).Calls(Call("look"));
        var call = await _fixture.Model.NextAsync();
        call.Messages[0].Text.ShouldNotContain("condense");
        call.Answer("fine");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }

    [Fact]
    public void Thoughts_TheProviderWantsBack_HaveWeight() =>
        new ThreadEntry(1, "u", StepKind.Assistant, new StepContent("") { Thoughts = [new SignedThought(new string('t', 4_000), new string('d', 4_000))] })
            .Tokens.ShouldBeGreaterThanOrEqualTo(2_000);

    [Fact]
    public async Task Compact_IsACommand()
    {
        await SaidAsync("one", "1");
        await SaidAsync("two", "2");
        var turn = _fixture.Send("/compact");
        (await _fixture.Model.NextAsync()).Answer("they counted");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldContain("4 steps");
        var next = _fixture.Send("three");
        var call = await _fixture.Model.NextAsync();
        call.Messages.ShouldNotContain(m => m.Text == "one");
        call.Messages.ShouldContain(m => m.Text.Contains("they counted"));
        call.Answer("3");
        await next.Completion;
    }

    [Fact]
    public async Task Providers_InOrder_AndOneThatFailsIsLeftOut()
    {
        _fixture.Providers.AddRange([new Provider(5, () => "second"), new Provider(1, () => "first"), new Provider(2, () => throw new InvalidOperationException("no memory today")), new Provider(3, () => null)]);
        await _fixture.CrashAsync();
        var turn = _fixture.Runner.Start(new TurnRequest { Message = "hi", Instructions = "the caller's" });
        var call = await _fixture.Model.NextAsync();
        call.Messages[0].Text.ShouldStartWith("first\n\nsecond\n\nthe caller's\n\n");
        call.Answer("ok");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }

    [Theory]
    [InlineData("/help", "/compact")]
    [InlineData("/tools", "look – look for a test.")]
    public async Task Command_NeedsNoModel(string command, string told)
    {
        (await _fixture.Send(command).Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldContain(told);
        _fixture.Model.IsAsked.ShouldBeFalse();
        (await _fixture.Store.GetThreadAsync("t"))!.Head.ShouldBe(2);
    }

    [Fact]
    public async Task Command_Unknown_IsTheModelsToRead()
    {
        var turn = _fixture.Send("/etc/passwd is what?");
        (await _fixture.Model.NextAsync()).Answer("a file");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldBe("a file");
    }

    private async Task SaidAsync(string question, string answer)
    {
        var turn = _fixture.Send(question);
        (await _fixture.Model.NextAsync()).Answer(answer);
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }

    private sealed class Provider(int order, Func<string?> text) : IContextProvider
    {
        public int Order => order;

        public ValueTask<string?> ProvideAsync(ContextRequest request, CancellationToken cancellationToken) => ValueTask.FromResult(text());
    }
}
