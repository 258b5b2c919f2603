using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>Approvals, questions, steering: what a person has to do with a turn.</summary>
public sealed class PeopleTests : IAsyncLifetime
{
    private readonly TurnFixture _fixture = new();
    private readonly FakeTool _danger = new("danger", ToolTraits.NeedsApproval);
    private readonly FakeTool _look = new("look", ToolTraits.Idempotent | ToolTraits.Parallel);
    private readonly FakeTool _after = new("after");

    public async ValueTask InitializeAsync()
    {
        _fixture.Tools.AddRange([_danger, _look, _after, new AskHuman()]);
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Approval_Given_TheCallIsMadeOnceOverARestartToo(bool restart)
    {
        var turn = await ParkedAsync(Call("look"), Call("danger", """{"n":1}"""), Call("after"));
        _danger.Calls.ShouldBeEmpty();
        _look.Calls.Count.ShouldBe(1, "what need not wait does not");
        _after.Calls.ShouldBeEmpty("what comes behind it in the answer waits with it");
        if (restart)
        {
            await _fixture.CrashAsync();
            await _fixture.Runner.ResumeAsync(CancellationToken.None);
        }

        var approval = (await _fixture.Store.ListApprovalsAsync(10)).ShouldHaveSingleItem();
        (approval.Kind, approval.Tool, approval.Arguments, approval.TurnId).ShouldBe((ApprovalKind.Approve, "danger", """{"n":1}""", turn.TurnId));
        var taken = (await _fixture.Runner.DecideAsync(approval.Id, Decision.Approve, null, CancellationToken.None))!;
        (taken.Taken, taken.TurnIsFree).ShouldBe((true, true));
        (await _fixture.Model.NextAsync()).Answer("done");
        await _fixture.EndedAsync(turn);
        (_danger.Calls.Count, _look.Calls.Count, _after.Calls.Count).ShouldBe((1, 1, 1));
        (await _fixture.Store.ListApprovalsAsync(10)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Approval_Denied_TheModelIsToldWhyAndNothingIsDone()
    {
        var turn = await ParkedAsync(Call("danger"));
        var approval = (await _fixture.Store.ListApprovalsAsync(10)).Single();
        await _fixture.Runner.DecideAsync(approval.Id, Decision.Deny, "not today", CancellationToken.None);
        var call = await _fixture.Model.NextAsync();
        call.Messages[^1].Contents.OfType<FunctionResultContent>().Single().Result!.ToString()!.ShouldContain("not today");
        call.Answer("understood");
        await _fixture.EndedAsync(turn);
        _danger.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Decision_TheFirstStands()
    {
        await ParkedAsync(Call("danger"));
        var id = (await _fixture.Store.ListApprovalsAsync(10)).Single().Id;
        var both = await Task.WhenAll(
            _fixture.Runner.DecideAsync(id, Decision.Approve, null, CancellationToken.None), _fixture.Runner.DecideAsync(id, Decision.Deny, null, CancellationToken.None));
        both.Count(d => d!.Taken).ShouldBe(1);
        both.Select(d => d!.Approval.Decision).Distinct().ShouldHaveSingleItem();
        (await _fixture.Runner.DecideAsync("no such", Decision.Deny, null, CancellationToken.None)).ShouldBeNull();
        (await _fixture.Model.NextAsync()).Answer("ok");
    }

    [Fact]
    public async Task Question_Answered_IsTheResultOfTheCall()
    {
        var turn = await ParkedAsync(Call("ask_human", """{"question":"Which colour?"}"""));
        var approval = (await _fixture.Store.ListApprovalsAsync(10)).Single();
        (approval.Kind, approval.Question).ShouldBe((ApprovalKind.Question, "Which colour?"));
        await _fixture.Runner.DecideAsync(approval.Id, Decision.Approve, "green", CancellationToken.None);
        var call = await _fixture.Model.NextAsync();
        call.Messages[^1].Contents.OfType<FunctionResultContent>().Single().Result.ShouldBe("green");
        call.Answer("green it is");
        await _fixture.EndedAsync(turn);
    }

    [Fact]
    public async Task Parked_AnotherMessage_IsRefusedUntilCancelled()
    {
        var turn = await ParkedAsync(Call("danger"));
        var refused = _fixture.Send("something else");
        (await refused.Completion).ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("thread_waiting");

        (await _fixture.Runner.CancelAsync("t", CancellationToken.None))!.Id.ShouldBe(turn.TurnId);
        (await _fixture.Store.ListApprovalsAsync(10)).ShouldBeEmpty();
        var next = _fixture.Send("something else");
        var call = await _fixture.Model.NextAsync();
        call.Messages.SelectMany(m => m.Contents.OfType<FunctionResultContent>()).Single().Result!.ToString()!.ShouldContain("no result");
        call.Answer("yes");
        (await next.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }

    [Fact]
    public async Task Parked_TimeItWaits_DoesNotCount()
    {
        var turn = await ParkedAsync(Call("danger"));
        _fixture.Time.Advance(TimeSpan.FromDays(3));
        await _fixture.Runner.DecideAsync((await _fixture.Store.ListApprovalsAsync(10)).Single().Id, Decision.Approve, null, CancellationToken.None);
        (await _fixture.Model.NextAsync()).Answer("finally");
        await _fixture.EndedAsync(turn);
        (await _fixture.Store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Done);
    }

    [Fact]
    public async Task Configuration_RequiresAndWaives()
    {
        _fixture.ToolOptions = new ToolOptions { RequireApproval = ["after"], WaiveApproval = ["danger"] };
        await _fixture.CrashAsync();
        var turn = await ParkedAsync(Call("danger"), Call("after"));
        _danger.Calls.Count.ShouldBe(1);
        (await _fixture.Store.ListApprovalsAsync(10)).ShouldHaveSingleItem().Tool.ShouldBe("after");
        turn.TurnId.ShouldNotBeNull();
    }

    [Fact]
    public async Task Steer_MidTurn_IsFoldedInAtTheNextModelCall()
    {
        var turn = _fixture.Send("go");
        var first = await _fixture.Model.NextAsync();
        (await _fixture.Runner.SteerAsync("t", "in blue, please", CancellationToken.None)).ShouldBeTrue();
        first.Calls(Call("look"));
        var second = await _fixture.Model.NextAsync();
        second.Last.ShouldBe("in blue, please");
        second.Answer("blue");
        await turn.Completion;
        (await _fixture.ThreadAsync()).ShouldBe(["user go", "assistant ", "call look {}", "ok look look did", "user in blue, please", "assistant blue"]);
    }

    [Fact]
    public async Task Steer_WhileTheAnswerIsGiven_GetsAnAnswerOfItsOwn()
    {
        var turn = _fixture.Send("go");
        var first = await _fixture.Model.NextAsync();
        await _fixture.Runner.SteerAsync("t", "wait: louder", CancellationToken.None);
        first.Answer("quiet");
        var second = await _fixture.Model.NextAsync();
        second.Messages.TakeLast(2).Select(m => m.Text).ShouldBe(["quiet", "wait: louder"]);
        second.Answer("LOUD");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldBe("LOUD");
    }

    [Fact]
    public async Task Steer_ACrashBetween_IsNotLost()
    {
        var turn = _fixture.Send("go");
        await _fixture.Model.NextAsync();
        await _fixture.Runner.SteerAsync("t", "mind the gap", CancellationToken.None);
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        var call = await _fixture.Model.NextAsync();
        call.Last.ShouldBe("mind the gap");
        call.Answer("minded");
        await _fixture.EndedAsync(turn);
        (await _fixture.Runner.SteerAsync("t", "too late", CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    public async Task Decision_WhileTheInstanceStops_IsKeptForTheNextStart()
    {
        var turn = await ParkedAsync(Call("danger"));
        await _fixture.Runner.StopAsync(TimeSpan.Zero);
        await _fixture.Runner.DecideAsync((await _fixture.Store.ListApprovalsAsync(10)).Single().Id, Decision.Approve, null, CancellationToken.None);

        // Ends when nothing runs or waits any more.
        await _fixture.Runner.StopAsync(TimeSpan.FromMinutes(1)).WaitAsync(TimeSpan.FromSeconds(30));
        _danger.Calls.ShouldBeEmpty("nobody would wait for its end");
        (await _fixture.Store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Waiting);
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        (await _fixture.Model.NextAsync()).Answer("done");
        await _fixture.EndedAsync(turn);
        _danger.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Steer_TheTurnEndsWithoutAnAnswer_StaysInTheThread()
    {
        var turn = _fixture.Send("go");
        await _fixture.Model.NextAsync();
        await _fixture.Runner.SteerAsync("t", "in blue, please", CancellationToken.None);
        turn.Cancel();
        await turn.Completion;
        (await _fixture.ThreadAsync()).ShouldBe(["user go", "user in blue, please", "note The turn was cancelled."]);
    }

    private async Task<TurnHandle> ParkedAsync(params AIContent[] calls)
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(calls);
        (await turn.Completion).ShouldBeOfType<TurnEvent.Parked>();
        (await _fixture.Store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Waiting);
        return turn;
    }
}
