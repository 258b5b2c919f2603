using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Workflows;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Workflows.WorkflowFixture;

namespace ProtoAgent.Tests.Agent.Workflows;

/// <summary>Runs that wait for a person, and turns that wait for runs.</summary>
public sealed class WaitingRunTests : IAsyncLifetime
{
    private const string Gated = "name: w\nsteps: [{id: a, prompt: a}, {id: b, prompt: 'b {{steps.a.output}}', gate: human, question: 'Go on with {{steps.a.output}}?'}]";

    private readonly WorkflowFixture _fixture = new();
    private readonly FakeTool _danger = new("danger", ToolTraits.NeedsApproval);

    public async ValueTask InitializeAsync()
    {
        _fixture.Tools.Add(_danger);
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Gate_Approved_TheStepBeginsAndIsToldWhatWasSaid()
    {
        var gate = await AtTheGateAsync();
        (gate.Question, gate.Prompt).ShouldBe(("Go on with one?", "b one"));
        (await _fixture.Runner.DecideAsync(gate.Id, GateDecision.Approve, "but briefly"))!.Taken.ShouldBeTrue();
        var call = await _fixture.NextAsync();
        call.Last.ShouldBe("b one\n\nThe person who let this begin said: but briefly");
        call.Answer("two");
        (await _fixture.EndAsync(gate.RunId)).Run.Output.ShouldBe("two");
        (await _fixture.Runner.DecideAsync(gate.Id, GateDecision.Deny, null))!.Taken.ShouldBeFalse("the first decision stands");
        _fixture.Topics().ShouldBe(["run_started", "step_started a", "step_done a", "waiting b", "approval.requested", "parked", "approval.decided", "step_started b", "step_done b", "done"]);
    }

    [Fact]
    public async Task Gate_Denied_TheStepFailsWithWhatWasSaid()
    {
        var gate = await AtTheGateAsync();
        await _fixture.Runner.ResumeAsync(gate.RunId, null, GateDecision.Deny, "not today");
        var ended = await _fixture.EndAsync(gate.RunId);
        Steps(ended).ShouldBe("a done, b failed");
        (ended.Steps[1].ErrorCode, ended.Steps[1].Attempt).ShouldBe(("denied", 0));
        ended.Run.ErrorMessage!.ShouldContain("not today");
        (await Should.ThrowAsync<WorkflowException>(() => _fixture.Runner.ResumeAsync(gate.RunId, null, GateDecision.Deny, null))).Code.ShouldBe("run_waiting", "there is nothing to say no to");
        (await _fixture.Runner.ResumeAsync(gate.RunId, null, GateDecision.Approve, null)).ShouldNotBeNull("who said no may be asked again");
        (await _fixture.EndAsync(gate.RunId)).Run.Status.ShouldBe(WorkflowStatus.Waiting);
        (await _fixture.Runner.OpenGatesAsync(10, CancellationToken.None)).ShouldHaveSingleItem().Id.ShouldNotBe(gate.Id);
    }

    [Fact]
    public async Task Gate_OverACrash_StillAskedAndThenGoneOnWith()
    {
        var gate = await AtTheGateAsync();
        await _fixture.CrashAsync();
        (await _fixture.Runner.OpenGatesAsync(10, CancellationToken.None)).ShouldHaveSingleItem().Id.ShouldBe(gate.Id);
        await _fixture.Runner.DecideAsync(gate.Id, GateDecision.Approve, null);
        (await _fixture.NextAsync()).Answer("two");
        var done = await _fixture.EndAsync(gate.RunId);
        (done.Run.Output, done.Run.Runner, done.Steps[0].Attempt).ShouldBe(("two", "p2", 1));
    }

    [Fact]
    public async Task Gate_DecidedInAnotherProcess_ThatOneGoesOn()
    {
        var gate = await AtTheGateAsync();
        var beside = await _fixture.BesideAsync();
        await beside.DecideAsync(gate.Id, GateDecision.Approve, null);
        (await _fixture.NextAsync()).Answer("two");
        (await _fixture.EndAsync(gate.RunId)).Run.Runner.ShouldBe("p2");
    }

    [Fact]
    public async Task Question_Alone_ItsOutputIsTheAnswer()
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: ask, gate: human, question: Which one?}, {id: b, prompt: 'take {{steps.ask.output}}'}]");
        await _fixture.EndAsync(run);
        await _fixture.Runner.ResumeAsync(run, "ask", GateDecision.Approve, "the blue one");
        var call = await _fixture.NextAsync();
        call.Last.ShouldBe("take the blue one");
        call.Answer("taken");
        (await _fixture.EndAsync(run)).Run.Status.ShouldBe(WorkflowStatus.Done);
    }

    [Fact]
    public async Task Gates_Several_OtherBranchesGoOnAndTheStepMustBeNamed()
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, gate: human, question: A?}, {id: b, gate: human, question: B?}, {id: c, prompt: c}]");
        (await _fixture.NextAsync()).Answer("c");
        Steps(await _fixture.EndAsync(run)).ShouldBe("a waiting, b waiting, c done");
        (await Should.ThrowAsync<WorkflowException>(() => _fixture.Runner.ResumeAsync(run, null, GateDecision.Approve, null))).Message.ShouldContain("a, b");
        (await Should.ThrowAsync<WorkflowException>(() => _fixture.Runner.ResumeAsync(run, "c", GateDecision.Approve, null))).Code.ShouldBe("run_waiting");
        await _fixture.Runner.ResumeAsync(run, "b", GateDecision.Approve, null);
        await _fixture.Runner.ResumeAsync(run, "a", GateDecision.Approve, null);
        (await _fixture.EndAsync(run)).Run.Status.ShouldBe(WorkflowStatus.Done);
    }

    [Fact]
    public async Task Gates_DecidedAllAtOnce_NoDecisionIsMissed()
    {
        var steps = string.Join(", ", Enumerable.Range(0, 12).Select(i => $"{{id: s{i}, gate: human, question: q}}"));
        for (var round = 0; round < 5; round++)
        {
            var run = await _fixture.RunAsync($"name: w\nsteps: [{steps}]");
            await _fixture.EndAsync(run);
            var gates = await _fixture.Runner.OpenGatesAsync(100, CancellationToken.None);
            await Task.WhenAll(gates.Select(g => Task.Run(() => _fixture.Runner.DecideAsync(g.Id, GateDecision.Approve, null))));
            while ((await _fixture.EndAsync(run)).Run is { HasEnded: false })
            {
                await Task.Yield();
            }

            (await _fixture.EndAsync(run)).Run.Status.ShouldBe(WorkflowStatus.Done);
        }
    }

    [Fact]
    public async Task Cancel_AtAGate_NobodyIsAskedAnyMore()
    {
        var gate = await AtTheGateAsync();
        var ended = (await _fixture.Runner.CancelAsync(gate.RunId, CancellationToken.None).WaitAsync(Patience))!;
        Steps(ended).ShouldBe("a done, b cancelled");
        (await _fixture.Runner.OpenGatesAsync(10, CancellationToken.None)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Approval_InAStepsTurn_TheRunWaitsAndGoesOnWithIt(bool crash)
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, tool: danger}, {id: b, prompt: 'b {{steps.a.output}}'}]");
        Steps(await _fixture.EndAsync(run)).ShouldBe("a waiting, b pending");
        (await Should.ThrowAsync<WorkflowException>(() => _fixture.Runner.ResumeAsync(run, null, GateDecision.Approve, null))).Message.ShouldContain("/api/approvals");
        if (crash)
        {
            await _fixture.CrashAsync();
            (await _fixture.EndAsync(run)).Run.Status.ShouldBe(WorkflowStatus.Waiting);
        }

        _danger.Calls.ShouldBeEmpty();
        var approval = (await _fixture.Checkpoints.ListApprovalsAsync(10)).ShouldHaveSingleItem();
        await _fixture.Turns.DecideAsync(approval.Id, Decision.Approve, null, CancellationToken.None);
        var call = await _fixture.NextAsync();
        call.Last.ShouldBe("b danger did");
        call.Answer("ok");
        (await _fixture.EndAsync(run)).Run.Status.ShouldBe(WorkflowStatus.Done);
        _danger.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Approval_Denied_TheStepFailsAndIsNotTriedAgain()
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, tool: danger, retry: 3}]");
        await _fixture.EndAsync(run);
        await _fixture.Turns.DecideAsync((await _fixture.Checkpoints.ListApprovalsAsync(10))[0].Id, Decision.Deny, "no", CancellationToken.None);
        while ((await _fixture.EndAsync(run)).Run is { HasEnded: false })
        {
            await Task.Yield();
        }

        var ended = await _fixture.EndAsync(run);
        (ended.Steps[0].ErrorCode, ended.Steps[0].Attempt).ShouldBe(("denied", 1));
    }

    [Fact]
    public async Task Cancel_WhileAStepsTurnWaits_ItsApprovalIsWithdrawn()
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, tool: danger}]");
        await _fixture.EndAsync(run);
        (await _fixture.Runner.CancelAsync(run, CancellationToken.None).WaitAsync(Patience))!.Run.Status.ShouldBe(WorkflowStatus.Cancelled);
        (await _fixture.Checkpoints.ListApprovalsAsync(10)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tool_WhoseRunWaits_ItsTurnWaitsTooAndIsWokenByTheEnd(bool crash)
    {
        _fixture.Save(Gated);
        var turn = _fixture.Turns.Start(new TurnRequest { Message = "go", ThreadId = "t", Origin = "test", Attended = false });
        (await _fixture.NextAsync()).Calls(Call("run_workflow", """{"name":"w"}"""));
        (await _fixture.NextAsync()).Answer("one");
        (await turn.Completion.WaitAsync(Patience)).ShouldBeOfType<TurnEvent.Parked>();
        if (crash)
        {
            await _fixture.CrashAsync();
        }

        var gate = (await _fixture.Runner.OpenGatesAsync(10, CancellationToken.None)).ShouldHaveSingleItem();
        await _fixture.Runner.DecideAsync(gate.Id, GateDecision.Approve, null);
        (await _fixture.NextAsync()).Answer("two");
        var last = await _fixture.NextAsync();
        last.Messages[^1].Contents.OfType<Microsoft.Extensions.AI.FunctionResultContent>().ShouldHaveSingleItem().Result!.ToString().ShouldBe("two");
        last.Answer("all done");
        while (await _fixture.Checkpoints.GetTurnAsync(turn.TurnId) is { FinishedAt: null })
        {
            await Task.Yield();
        }

        (await _fixture.Checkpoints.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Done);
        (await _fixture.Runner.ListAsync(null, null, 10, null, CancellationToken.None)).Items.ShouldHaveSingleItem("the call has one run, however often it was made");
    }

    private async Task<Gate> AtTheGateAsync()
    {
        var run = await _fixture.RunAsync(Gated);
        (await _fixture.NextAsync()).Answer("one");
        (await _fixture.EndAsync(run)).Run.Status.ShouldBe(WorkflowStatus.Waiting);
        return (await _fixture.Runner.OpenGatesAsync(10, CancellationToken.None)).ShouldHaveSingleItem();
    }
}
