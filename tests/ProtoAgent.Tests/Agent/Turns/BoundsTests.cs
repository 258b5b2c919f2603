using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>No turn goes on for ever, whatever the model wants.</summary>
public sealed class BoundsTests : IAsyncLifetime
{
    private readonly TurnFixture _fixture = new();
    private readonly FakeTool _look = new("look", ToolTraits.Idempotent);

    public async ValueTask InitializeAsync()
    {
        _fixture.Tools.Add(_look);
        _fixture.Options = new TurnOptions { MaxRounds = 3, MaxTokens = 1000, Timeout = TimeSpan.FromMinutes(2) };
        _fixture.ModelOptions = _fixture.ModelOptions with { Timeout = TimeSpan.FromHours(1) };
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task LastRound_NoToolsMayBeCalledAndTheModelIsTold()
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Call("look", """{"n":1}"""));
        (await _fixture.Model.NextAsync()).Calls(Call("look", """{"n":2}"""));
        var last = await _fixture.Model.NextAsync();
        last.Options!.ToolMode.ShouldBe(ChatToolMode.None);
        last.Last.ShouldContain("last step");
        last.Answer("what I have");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }

    [Fact]
    public async Task LastRound_StillCallsTools_EndsSayingWhichBound()
    {
        var turn = _fixture.Send("go");
        for (var i = 0; i < 3; i++)
        {
            (await _fixture.Model.NextAsync()).Calls(Call("look", $$"""{"n":{{i}}}"""));
        }

        var failed = (await turn.Completion).ShouldBeOfType<TurnEvent.Failed>();
        (failed.Code, failed.Message).ShouldBe(("turn_rounds", failed.Message));
        failed.Message.ShouldContain("turns.max_rounds");
        _look.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task History_TheCallerBrings_IsNoRoundOfTheTurn()
    {
        var said = Enumerable.Range(0, 10).Select(i => new PriorMessage(i % 2 == 1, $"said {i}")).ToList();
        var turn = _fixture.Runner.Start(new TurnRequest { Message = "go", ThreadId = "t", History = said });
        var call = await _fixture.Model.NextAsync();
        call.Last.ShouldBe("go");
        call.Options!.ToolMode.ShouldBeNull();
        call.Calls(Call("look"));
        (await _fixture.Model.NextAsync()).Answer("looked");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }

    [Fact]
    public void Stall_TheThirdTimePassedBetweenCallsSideBySide_IsToldAtTheFourth()
    {
        var own = new List<ThreadEntry>();
        for (var i = 0; i < 3; i++)
        {
            own.Add(new ThreadEntry(own.Count + 1, "u", StepKind.ToolCall, new StepContent("") { CallId = $"c{i}", Tool = "look", Arguments = "{}" }));
            own.Add(new ThreadEntry(own.Count + 1, "u", StepKind.ToolResult, new StepContent("same") { CallId = $"c{i}", Tool = "look" }));
        }

        StallGuard.Hint(own, own[0].Content, "same").ShouldNotBeNull();
    }

    [Fact]
    public async Task Cancel_OfAToolThatDoesNotListen_EndsTheTurn()
    {
        var begun = new TaskCompletionSource();
        _look.Does = async (_, _) =>
        {
            begun.SetResult();
            await new TaskCompletionSource().Task;
            return "";
        };
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Call("look"));
        await begun.Task;
        turn.Cancel();
        await _fixture.Time.PassAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        (await turn.Completion).ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("cancelled");
    }

    [Fact]
    public async Task Tokens_OverTheBound_EndsBeforeAnotherCall()
    {
        var turn = _fixture.Send("go");
        var call = await _fixture.Model.NextAsync();
        call.Say(new UsageContent(new UsageDetails { InputTokenCount = 900, OutputTokenCount = 101 }));
        call.Calls(Call("look"));
        var failed = (await turn.Completion).ShouldBeOfType<TurnEvent.Failed>();
        failed.Code.ShouldBe("turn_tokens");
        failed.Message.ShouldContain("1001");
        _look.Calls.ShouldBeEmpty();
        var recorded = (await _fixture.Store.GetTurnAsync(turn.TurnId))!;
        (recorded.InputTokens, recorded.OutputTokens).ShouldBe((900, 101));
    }

    [Fact]
    public async Task WallClock_OverTheBound_EndsByTheClock()
    {
        var turn = _fixture.Send("go");
        await _fixture.Model.NextAsync();
        _fixture.Time.Advance(TimeSpan.FromMinutes(2));
        (await turn.Completion).ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("turn_timeout");
    }

    [Fact]
    public async Task SameCallSameResult_ThriceNudgesOnceThenEnds()
    {
        _fixture.Options = _fixture.Options with { MaxRounds = 10 };
        await _fixture.CrashAsync();
        var turn = _fixture.Send("go");
        for (var i = 0; i < 3; i++)
        {
            var call = await _fixture.Model.NextAsync();
            call.Messages.SelectMany(m => m.Contents.OfType<FunctionResultContent>()).ShouldAllBe(r => !r.Result!.ToString()!.Contains("3 times"));
            call.Calls(Call("look", """{"same":true}"""));
        }

        var nudged = await _fixture.Model.NextAsync();
        nudged.Messages[^1].Contents.OfType<FunctionResultContent>().Single().Result!.ToString()!.ShouldContain("3 times");
        nudged.Calls(Call("look", """{"same":true}"""));
        var failed = (await turn.Completion).ShouldBeOfType<TurnEvent.Failed>();
        failed.Code.ShouldBe("turn_stalled");
        failed.Message.ShouldContain("look");
    }

    [Fact]
    public async Task SameCallOtherResults_IsNoStall()
    {
        _fixture.Options = _fixture.Options with { MaxRounds = 10 };
        await _fixture.CrashAsync();
        var n = 0;
        _look.Does = (_, _) => Task.FromResult($"{++n}");
        var turn = _fixture.Send("poll");
        for (var i = 0; i < 6; i++)
        {
            (await _fixture.Model.NextAsync()).Calls(Call("look"));
        }

        (await _fixture.Model.NextAsync()).Answer("ready");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }
}
