using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>Another process goes on where the first one stopped being.</summary>
public sealed class ResumeTests : IAsyncLifetime
{
    private readonly TurnFixture _fixture = new();
    private readonly FakeTool _again = new("again", ToolTraits.Idempotent);
    private readonly FakeTool _once = new("once");

    public async ValueTask InitializeAsync()
    {
        _fixture.Tools.AddRange([_again, _once]);
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Crash_InTheModelCall_ItIsAskedAgain()
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Call("once"));
        (await _fixture.Model.NextAsync()).Say("half an ans");

        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        (await _fixture.Model.NextAsync()).Answer("whole");
        await _fixture.EndedAsync(turn);

        (await _fixture.ThreadAsync()).ShouldBe(["user go", "assistant ", "call once {}", "start once", "ok once once did", "assistant whole"]);
        _once.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Crash_InACall_RepeatedOnlyIfItMayBe()
    {
        var begun = new CountdownEvent(2);
        foreach (var tool in new[] { _again, _once })
        {
            tool.Does = async (_, _) =>
            {
                begun.Signal();
                await new TaskCompletionSource().Task;
                return "";
            };
        }

        var one = _fixture.Send("go", "t1");
        (await _fixture.Model.NextAsync()).Calls(Call("again", """{"a":1}""", "c1"));
        var two = _fixture.Send("go", "t2");
        (await _fixture.Model.NextAsync()).Calls(Call("once", """{"a":1}""", "c1"));
        await Task.Run(begun.Wait);

        await _fixture.CrashAsync();
        _again.Does = _once.Does = (_, _) => Task.FromResult("second attempt");
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        for (var i = 0; i < 2; i++)
        {
            (await _fixture.Model.NextAsync()).Answer("so be it");
        }

        await _fixture.EndedAsync(one);
        await _fixture.EndedAsync(two);
        (await _fixture.ThreadAsync("t1")).ShouldContain("ok again second attempt");
        _again.Keys.Distinct().ShouldHaveSingleItem("both attempts are the same call to whom it reaches");
        _again.Calls.Count.ShouldBe(2);
        _once.Calls.Count.ShouldBe(1);
        (await _fixture.ThreadAsync("t2"))[4].ShouldStartWith("unknown once The outcome of this call is unknown");
    }

    [Fact]
    public async Task Crash_BetweenTwoCallsOfOneAnswer_OnlyTheSecondIsMade()
    {
        var begun = new TaskCompletionSource();
        var wait = new FakeTool("wait", ToolTraits.Idempotent)
        {
            Does = async (_, _) =>
            {
                begun.SetResult();
                await new TaskCompletionSource().Task;
                return "";
            },
        };
        _fixture.Tools.Add(wait);
        await _fixture.CrashAsync();
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Call("once", """{"n":1}"""), Call("wait"), Call("once", """{"n":2}"""));
        await begun.Task;

        await _fixture.CrashAsync();
        wait.Does = (_, _) => Task.FromResult("waited");
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        (await _fixture.Model.NextAsync()).Answer("done");
        await _fixture.EndedAsync(turn);
        _once.Calls.ShouldBe(["""{"n":1}""", """{"n":2}"""]);
    }

    [Theory]
    [InlineData(ResumePolicy.Auto, true, TurnStatus.Interrupted)]
    [InlineData(ResumePolicy.Auto, false, TurnStatus.Done)]
    [InlineData(ResumePolicy.Always, true, TurnStatus.Done)]
    [InlineData(ResumePolicy.Never, false, TurnStatus.Interrupted)]
    public async Task Policy_SaysWhatIsGoneOnWith(ResumePolicy policy, bool attended, TurnStatus status)
    {
        var turn = _fixture.Send("go", attended: attended);
        await _fixture.Model.NextAsync();
        _fixture.Options = new TurnOptions { Resume = policy };
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        if (status == TurnStatus.Done)
        {
            (await _fixture.Model.NextAsync()).Answer("went on");
            await _fixture.EndedAsync(turn);
        }

        (await _fixture.Store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(status);
    }

    [Fact]
    public async Task Begin_OnAThreadWithALeftTurn_GoesOnWithItFirst()
    {
        var left = _fixture.Send("first");
        await _fixture.Model.NextAsync();
        await _fixture.CrashAsync();
        var next = _fixture.Send("second");
        (await _fixture.Model.NextAsync()).Answer("to the first");
        (await _fixture.Model.NextAsync()).Answer("to the second");
        await next.Completion;
        (await _fixture.ThreadAsync()).ShouldBe(["user first", "assistant to the first", "user second", "assistant to the second"]);
        (await _fixture.Store.GetTurnAsync(left.TurnId))!.Attempts.ShouldBe(2);
    }

    [Fact]
    public async Task Crash_InACallOfAToolThatIsGone_TheOutcomeIsUnknownAllTheSame()
    {
        var begun = new TaskCompletionSource();
        _once.Does = async (_, _) =>
        {
            begun.SetResult();
            await new TaskCompletionSource().Task;
            return "";
        };
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Call("once"));
        await begun.Task;
        _fixture.Tools.Remove(_once);
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        (await _fixture.Model.NextAsync()).Answer("I shall look");
        await _fixture.EndedAsync(turn);
        (await _fixture.ThreadAsync())[4].ShouldStartWith("unknown once");
    }

    [Fact]
    public async Task Cancel_OfALeftTurnThatANewOneMet_CancelsThatOne()
    {
        var left = _fixture.Send("first");
        await _fixture.Model.NextAsync();
        await _fixture.CrashAsync();
        var next = _fixture.Send("second");
        await _fixture.Model.NextAsync();
        var cancelled = await _fixture.Runner.CancelAsync("t", CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        (cancelled!.Id, cancelled.Status).ShouldBe((left.TurnId, TurnStatus.Cancelled));
        (await _fixture.Model.NextAsync()).Answer("to the second");
        (await next.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }

    [Fact]
    public async Task Stop_AgainAndAgain_IsNoCrash()
    {
        var turn = _fixture.Send("go");
        for (var i = 0; i < 4; i++)
        {
            await _fixture.Model.NextAsync();
            await _fixture.Runner.StopAsync(TimeSpan.Zero);
            await _fixture.CrashAsync();
            await _fixture.Runner.ResumeAsync(CancellationToken.None);
        }

        (await _fixture.Model.NextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Answer("at last");
        await _fixture.EndedAsync(turn);
        (await _fixture.Store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Done);
    }

    [Fact]
    public async Task Crash_AgainAndAgain_EndsSayingSo()
    {
        var turn = _fixture.Send("go");
        for (var i = 0; i < 3; i++)
        {
            await _fixture.Model.NextAsync();
            await _fixture.CrashAsync();
            await _fixture.Runner.ResumeAsync(CancellationToken.None);
        }

        await _fixture.EndedAsync(turn);
        var ended = (await _fixture.Store.GetTurnAsync(turn.TurnId))!;
        (ended.Status, ended.ErrorCode).ShouldBe((TurnStatus.Failed, "turn_crashes"));
    }

    [Fact]
    public async Task Stop_ATurnNobodyWaitsFor_IsLeftForTheNextStart()
    {
        var turn = _fixture.Send("go");
        await _fixture.Model.NextAsync();
        await _fixture.Runner.StopAsync(TimeSpan.Zero);
        (await turn.Completion).ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("shutting_down");
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        (await _fixture.Model.NextAsync()).Answer("later");
        await _fixture.EndedAsync(turn);
        (await _fixture.ThreadAsync()).ShouldBe(["user go", "assistant later"]);
    }

    [Fact]
    public async Task Cancel_OfADeadProcessesTurn_EndsIt()
    {
        var turn = _fixture.Send("go");
        await _fixture.Model.NextAsync();
        await _fixture.CrashAsync();
        (await _fixture.Runner.CancelAsync("t", CancellationToken.None))!.Status.ShouldBe(TurnStatus.Interrupted);
        (await _fixture.Store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Interrupted);
    }

    [Fact]
    public async Task Happened_OfATurnThatIsGoneOnWith_IsToldInOrder()
    {
        var told = new List<string>();
        var (said, completed) = (new TaskCompletionSource(), new TaskCompletionSource());
        _fixture.Happened = (turn, e) =>
        {
            told.Add($"{turn.ThreadId} {e.GetType().Name}");
            (e switch { TurnEvent.Delta => said, TurnEvent.Completed => completed, _ => null })?.TrySetResult();
        };
        _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Say("half");
        await said.Task;
        await _fixture.CrashAsync();
        var before = told.Count;

        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        (await _fixture.Model.NextAsync()).Answer("whole");
        await completed.Task;

        told.Skip(before).ShouldBe(["t Started", "t Delta", "t Completed"]);
    }

    [Fact]
    public async Task Resume_ATurnThatSaysNothingOfItsRequest_GoesOn()
    {
        // As the first version of the file left them.
        var step = new ProtoAgent.Agent.Threads.StepContent("go").ToStep(StepKind.User);
        await _fixture.Store.BeginTurnAsync(new NewTurn("old", "t", "gone", "operator", "m1", [step]) { Attended = false });
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        var call = await _fixture.Model.NextAsync();
        call.Last.ShouldBe("go");
        call.Answer("gone on with");
        while (await _fixture.Store.GetTurnAsync("old") is { FinishedAt: null })
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Settings_OfTheRequest_SurviveTheCrash()
    {
        _fixture.Runner.Start(new TurnRequest { Message = "go", ThreadId = "t", Attended = false, Instructions = "be brief", Temperature = 0.5f, StopSequences = ["x"] });
        await _fixture.Model.NextAsync();
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        var call = await _fixture.Model.NextAsync();
        call.Messages[0].Text.ShouldStartWith("be brief");
        (call.Options!.Temperature, call.Options.StopSequences!.Single()).ShouldBe((0.5f, "x"));
        call.Answer("ok");
    }
}
