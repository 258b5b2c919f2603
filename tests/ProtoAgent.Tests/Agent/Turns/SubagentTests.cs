using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Subagents;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>Subagents: turns of their own, sent by a turn.</summary>
public sealed class SubagentTests : IAsyncLifetime
{
    private readonly TurnFixture _fixture = new();
    private readonly FakeTool _look = new("look", ToolTraits.Idempotent);
    private readonly FakeTool _danger = new("danger", ToolTraits.NeedsApproval);
    private readonly ScriptedClient _helper = new();

    public async ValueTask InitializeAsync()
    {
        _fixture.Tools.AddRange([_look, _danger, new FakeTool("rest", ToolTraits.ConversationOnly)]);
        _fixture.Subagents.Add(new SubagentOptions("finder", "finds things") { Prompt = "You find.", Tools = ["look", "danger", "task*", "rest"], Model = "h", MaxRounds = 3 });
        _fixture.ModelOptions = _fixture.ModelOptions with { Names = ["h"] };
        _fixture.Models["h"] = _helper;
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Task_RunsWithItsOwnPromptToolsAndThread()
    {
        var turn = _fixture.Send("find it");
        (await _fixture.Model.NextAsync()).Calls(Task_("the key", "c1"));
        var child = await _helper.NextAsync();
        child.Messages[0].Text.ShouldStartWith("You find.");
        child.Last.ShouldBe("the key");
        child.Options!.Tools!.Select(t => t.Name).ShouldBe(["look", "danger"], ignoreOrder: true, customMessage: "what it was given, but nothing that sends others or goes on with the conversation");
        child.Answer("under the mat");
        var second = await _fixture.Model.NextAsync();
        Result(second).ShouldBe("under the mat");
        second.Answer("it is under the mat");
        await turn.Completion;
        (await _fixture.Store.ListThreadsAsync(10)).Items.Select(t => t.Id).ShouldBe(["t"], "a subagent's thread is no conversation");
        (await _fixture.ThreadAsync($"task:{turn.TurnId}/c1")).ShouldBe(["user the key", "assistant under the mat"]);
        await _fixture.Store.DeleteThreadAsync("t");
        (await _fixture.Store.CountThreadsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Task_UnknownAgent_TheModelIsTold()
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Call("task", """{"agent":"nobody","prompt":"x"}"""));
        var second = await _fixture.Model.NextAsync();
        Result(second).ShouldContain("finder: finds things");
        second.Answer("ok");
        await turn.Completion;
    }

    [Fact]
    public async Task Task_RoundCap_FailsTheCallNotTheTurn()
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Task_("x", "c1"));
        for (var i = 0; i < 3; i++)
        {
            (await _helper.NextAsync()).Calls(Call("look", $$"""{"n":{{i}}}"""));
        }

        var second = await _fixture.Model.NextAsync();
        Result(second).ShouldContain("subagents.finder.max_rounds");
        second.Answer("too hard for it");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
    }

    [Fact]
    public async Task TaskBatch_AllReportsTogetherOneFailureAmongThem()
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Call("task_batch", """{"tasks":[{"agent":"finder","prompt":"a"},{"agent":"nobody","prompt":"b"},{"agent":"finder","prompt":"c"}]}"""));
        var children = new[] { await _helper.NextAsync(), await _helper.NextAsync() };
        foreach (var child in children)
        {
            child.Answer($"found {child.Last}");
        }

        var second = await _fixture.Model.NextAsync();
        Result(second).ShouldStartWith("## 1. finder\nfound a\n\n## 2. nobody\nFailed: ");
        Result(second).ShouldEndWith("## 3. finder\nfound c");
        second.Answer("ok");
        await turn.Completion;
    }

    [Fact]
    public async Task Crash_InASubagent_ItGoesOnAndIsNotSentAgain()
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Task_("x", "c1"));
        (await _helper.NextAsync()).Calls(Call("look"));
        await _helper.NextAsync();
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        var child = await _helper.NextAsync();
        child.Messages.SelectMany(m => m.Contents.OfType<FunctionResultContent>()).Single().Result.ShouldBe("look did");
        child.Answer("found");
        var parent = await _fixture.Model.NextAsync();
        Result(parent).ShouldBe("found");
        parent.Answer("done");
        await _fixture.EndedAsync(turn);
        _look.Calls.Count.ShouldBe(1);
        (await _fixture.ThreadAsync()).Count(s => s.StartsWith("ok task", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Approval_InASubagent_ParksBothAndBothGoOn(bool restart)
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Task_("x", "c1"));
        (await _helper.NextAsync()).Calls(Call("danger"));
        (await turn.Completion).ShouldBeOfType<TurnEvent.Parked>();
        if (restart)
        {
            await _fixture.CrashAsync();
            await _fixture.Runner.ResumeAsync(CancellationToken.None);
        }

        var approval = (await _fixture.Store.ListApprovalsAsync(10)).ShouldHaveSingleItem();
        await _fixture.Runner.DecideAsync(approval.Id, Decision.Approve, null, CancellationToken.None);
        (await _helper.NextAsync()).Answer("did it");
        var parent = await _fixture.Model.NextAsync();
        Result(parent).ShouldBe("did it");
        parent.Answer("all done");
        await _fixture.EndedAsync(turn);
        _danger.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Approval_InASubagent_WhatComesBehindItInTheAnswerWaits()
    {
        var after = new FakeTool("after");
        _fixture.Tools.Add(after);
        await _fixture.CrashAsync();
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Task_("x", "c1"), Call("after"));
        (await _helper.NextAsync()).Calls(Call("danger"));
        (await turn.Completion).ShouldBeOfType<TurnEvent.Parked>();
        after.Calls.ShouldBeEmpty();
        await _fixture.Runner.DecideAsync((await _fixture.Store.ListApprovalsAsync(10)).Single().Id, Decision.Approve, null, CancellationToken.None);
        (await _helper.NextAsync()).Answer("did it");
        (await _fixture.Model.NextAsync()).Answer("all done");
        await _fixture.EndedAsync(turn);
        after.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Stop_ATurnThatStillRuns_MaySendSubagents()
    {
        var turn = _fixture.Send("go");
        var first = await _fixture.Model.NextAsync();
        var stopped = _fixture.Runner.StopAsync(TimeSpan.FromSeconds(30));
        first.Calls(Task_("x", "c1"));
        (await _helper.NextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Answer("found");
        var second = await _fixture.Model.NextAsync();
        Result(second).ShouldBe("found");
        second.Answer("done");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
        await stopped;
    }

    [Fact]
    public async Task Crash_OfATurnThatIsNotGoneOnWith_ItsSubagentIsNotEither()
    {
        var turn = _fixture.Send("go", attended: true);
        (await _fixture.Model.NextAsync()).Calls(Task_("x", "c1"));
        await _helper.NextAsync();
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        (await _fixture.Store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Interrupted);
        (await _fixture.Store.GetTurnAsync($"task:{turn.TurnId}/c1"))!.Status.ShouldBe(TurnStatus.Interrupted);
    }

    [Fact]
    public async Task Crash_InASubagentWhoseParentWaits_WhichWaitsAgain_BothGoOn()
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Task_("x", "c1"));
        (await _helper.NextAsync()).Calls(Call("danger", """{"n":1}"""));
        (await turn.Completion).ShouldBeOfType<TurnEvent.Parked>();
        await _fixture.Runner.DecideAsync((await _fixture.Store.ListApprovalsAsync(10)).Single().Id, Decision.Approve, null, CancellationToken.None);
        await _helper.NextAsync();

        // Both are resumed: the subagent by itself, and the parent, which asks for the subagent's report again.
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        (await _helper.NextAsync()).Calls(Call("danger", """{"n":2}"""));
        IReadOnlyList<Approval> open;
        while ((open = await _fixture.Store.ListApprovalsAsync(10)).Count == 0)
        {
            await Task.Yield();
        }

        await _fixture.Runner.DecideAsync(open.Single().Id, Decision.Approve, null, CancellationToken.None);
        (await _helper.NextAsync()).Answer("did both");
        var parent = await _fixture.Model.NextAsync();
        Result(parent).ShouldBe("did both");
        parent.Answer("all done");
        await _fixture.EndedAsync(turn);
        _danger.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Cancel_OfTheParent_CancelsTheSubagent()
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Task_("x", "c1"));
        await _helper.NextAsync();
        await _fixture.Runner.CancelAsync("t", CancellationToken.None);
        (await turn.Completion).ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("cancelled");
        (await _fixture.Store.GetTurnAsync($"task:{turn.TurnId}/c1"))!.Status.ShouldBe(TurnStatus.Cancelled);
    }

    [Fact]
    public async Task Cancel_OfAWaitingParent_TakesTheSubagentsApprovalAway()
    {
        var turn = _fixture.Send("go");
        (await _fixture.Model.NextAsync()).Calls(Task_("x", "c1"));
        (await _helper.NextAsync()).Calls(Call("danger"));
        await turn.Completion;
        await _fixture.Runner.CancelAsync("t", CancellationToken.None);
        (await _fixture.Store.ListApprovalsAsync(10)).ShouldBeEmpty();
        (await _fixture.Store.GetTurnAsync($"task:{turn.TurnId}/c1"))!.Status.ShouldBe(TurnStatus.Cancelled);
    }

    [Fact]
    public async Task SlashCommand_OfASubagent_AnswersWithItsReport()
    {
        var turn = _fixture.Send("/finder the key");
        (await _helper.NextAsync()).Answer("here");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldBe("here");
        _fixture.Model.IsAsked.ShouldBeFalse();
    }

    private static FunctionCallContent Task_(string prompt, string id) => Call("task", $$"""{"agent":"finder","prompt":"{{prompt}}"}""", id);

    private static string Result(ScriptedClient.Call call) => call.Messages[^1].Contents.OfType<FunctionResultContent>().Single().Result!.ToString()!;
}
