using ProtoAgent.Agent.Commands;
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

/// <summary>Runs whose process died or stopped, and the tools and commands that begin runs.</summary>
public sealed class LeftRunTests : IAsyncLifetime
{
    private readonly WorkflowFixture _fixture = new();
    private readonly FakeTool _again = new("again", ToolTraits.Idempotent);
    private readonly FakeTool _once = new("once");

    public async ValueTask InitializeAsync()
    {
        _fixture.Tools.AddRange([_again, _once]);
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Crash_InTheMiddle_WhatIsDoneIsKeptAndTheRestGoesOn()
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, tool: once}, {id: b, prompt: 'b {{steps.a.output}}'}, {id: c, prompt: 'c {{steps.b.output}}'}]");
        await _fixture.NextAsync();
        await _fixture.CrashAsync();
        var call = await _fixture.NextAsync();
        call.Last.ShouldBe("b once did");
        call.Answer("two");
        (await _fixture.NextAsync()).Answer("three");
        var done = await _fixture.EndAsync(run);
        (done.Run.Output, done.Run.Runner).ShouldBe(("three", "p2"));
        done.Steps.Select(s => s.Attempt).ShouldBe([1, 1, 1], "a crash is no attempt");
        _once.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Crash_WhileAToolRuns_RepeatedOnlyIfItMayBe()
    {
        var never = new TaskCompletionSource<string>();
        var (reachedAgain, reachedOnce) = (new TaskCompletionSource(), new TaskCompletionSource());
        _again.Does = (_, _) => Hang(reachedAgain);
        _once.Does = (_, _) => Hang(reachedOnce);
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, tool: again, retry: 2}, {id: b, tool: once, retry: 2}]\noutput: '{{steps.a.output}}'");
        await Task.WhenAll(reachedAgain.Task, reachedOnce.Task).WaitAsync(Patience);
        _again.Does = (_, _) => Task.FromResult("now");
        await _fixture.CrashAsync();
        var ended = await _fixture.EndAsync(run);
        Steps(ended).ShouldBe("a done, b failed");
        (ended.Steps[1].ErrorCode, ended.Steps[1].Attempt).ShouldBe(("outcome_unknown", 1));
        _once.Calls.Count.ShouldBe(1, "nobody knows whether it had its effect");
        _again.Keys.Distinct().ShouldHaveSingleItem("the same call, under the same key");
        ended.Run.Output.ShouldBe("now");

        Task<string> Hang(TaskCompletionSource reached)
        {
            reached.TrySetResult();
            return never.Task;
        }
    }

    [Fact]
    public async Task Crash_WithoutANextStart_WhoAsksALiveProcessFindsItGoneOnWith()
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, prompt: a}]");
        await _fixture.NextAsync();
        await _fixture.CrashAsync(goOn: false);
        await _fixture.Runner.GetAsync(run);
        (await _fixture.NextAsync()).Answer("ok");
        (await _fixture.EndAsync(run)).Run.Status.ShouldBe(WorkflowStatus.Done);
    }

    [Fact]
    public async Task Crash_AfterACancelWasWanted_TheRunIsEndedAndNotGoneOnWith()
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, prompt: a, gate: human}, {id: b, prompt: b}]");
        await _fixture.NextAsync();
        await _fixture.CrashAsync(goOn: false);
        await (await OpenAsync()).RequestCancelAsync(run);
        await _fixture.Turns.ResumeAsync(CancellationToken.None);
        await _fixture.Runner.GoOnAsync();
        var ended = await _fixture.EndAsync(run);
        (ended.Run.Status, Steps(ended)).ShouldBe((WorkflowStatus.Cancelled, "a cancelled, b cancelled"));
        (await _fixture.Checkpoints.GetTurnAsync(WorkflowRunner.SessionOf(run, "b", 1)))!.Status.ShouldBe(TurnStatus.Cancelled);
    }

    [Fact]
    public async Task Cancel_AnotherLiveProcesssRun_RefusedWithWhere()
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, prompt: a}]");
        await _fixture.NextAsync();
        var beside = await _fixture.BesideAsync();
        (await Should.ThrowAsync<WorkflowException>(() => beside.CancelAsync(run, CancellationToken.None))).Code.ShouldBe("run_elsewhere");
        (await Should.ThrowAsync<WorkflowException>(() => beside.ResumeAsync(run, null, GateDecision.Approve, null))).Code.ShouldBe("run_running");
    }

    [Fact]
    public async Task Stop_WhileAStepRuns_TheNextStartGoesOnWithIt()
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, prompt: a}, {id: b, prompt: b, depends_on: a}]");
        await _fixture.NextAsync();
        _fixture.Runner.Stop();
        await _fixture.Turns.StopAsync(TimeSpan.Zero);
        await _fixture.Runner.StoppedAsync().WaitAsync(Patience);
        (await (await OpenAsync()).GetAsync(run))!.Steps[0].Status.ShouldBe(WorkflowStepStatus.Running);
        await _fixture.CrashAsync();
        (await _fixture.NextAsync()).Answer("one");
        (await _fixture.NextAsync()).Answer("two");
        var done = await _fixture.EndAsync(run);
        (done.Run.Output, done.Steps[0].Attempt).ShouldBe(("two", 1));
    }

    [Fact]
    public async Task Recipe_EditedOrDeletedMeanwhile_TheRunGoesOnWithItsOwn()
    {
        var run = await _fixture.RunAsync("name: w\nsteps: [{id: a, prompt: a}, {id: b, prompt: old, depends_on: a}]");
        await _fixture.NextAsync();
        _fixture.Save("name: w\nsteps: [{id: z, prompt: new}]");
        _fixture.Book.Delete("w");
        await _fixture.CrashAsync();
        (await _fixture.NextAsync()).Answer("one");
        var call = await _fixture.NextAsync();
        call.Last.ShouldBe("old");
        call.Answer("two");
        (await _fixture.EndAsync(run)).Run.Output.ShouldBe("two");
    }

    [Fact]
    public async Task Tool_OfADeadProcesssTurn_FindsItsRun()
    {
        _fixture.Save("name: w\nsteps: [{id: a, tool: once}, {id: b, prompt: 'b {{steps.a.output}}'}]");
        var turn = _fixture.Turns.Start(new TurnRequest { Message = "go", ThreadId = "t", Origin = "test", Attended = false });
        (await _fixture.NextAsync()).Calls(Call("run_workflow", """{"name":"w"}"""));
        await _fixture.NextAsync();
        await _fixture.CrashAsync();
        (await _fixture.NextAsync()).Answer("two");
        (await _fixture.NextAsync()).Answer("all done");
        while (await _fixture.Checkpoints.GetTurnAsync(turn.TurnId) is { FinishedAt: null })
        {
            await Task.Yield();
        }

        (await _fixture.Runner.ListAsync(null, null, 10, null, CancellationToken.None)).Items.ShouldHaveSingleItem().Status.ShouldBe(WorkflowStatus.Done);
        _once.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Tool_WhoseTurnIsCancelled_CancelsTheRun()
    {
        _fixture.Save("name: w\nsteps: [{id: a, prompt: a}]");
        _fixture.Turns.Start(new TurnRequest { Message = "go", ThreadId = "t", Origin = "test" });
        (await _fixture.NextAsync()).Calls(Call("run_workflow", """{"name":"w"}"""));
        await _fixture.NextAsync();
        await _fixture.Turns.CancelAsync("t", CancellationToken.None).WaitAsync(Patience);
        var run = (await _fixture.Runner.ListAsync(null, null, 10, null, CancellationToken.None)).Items.ShouldHaveSingleItem();
        (await _fixture.EndAsync(run.Id)).Run.Status.ShouldBe(WorkflowStatus.Cancelled);
    }

    [Fact]
    public async Task SaveTool_ABadRecipe_TheModelIsToldEveryProblem()
    {
        var tool = new SaveWorkflowTool(() => _fixture.Runner);
        var call = new ToolCall("t", "u", "c", "test");
        var refused = await Should.ThrowAsync<ToolException>(() => tool.CallAsync(Json("name: w\nsteps: [{id: a, prompt: p, depends_on: b}, {id: a, prompt: p}]"), call, CancellationToken.None));
        refused.Message.Split("line 2").Length.ShouldBe(3, refused.Message);
        (await tool.CallAsync(Json("name: w\nsteps: [{id: a, prompt: p}]"), call, CancellationToken.None)).Text.ShouldContain("/w");
        await Should.ThrowAsync<ToolException>(() => tool.CallAsync(Json("name: w\nsteps: [{id: a, prompt: other}]"), call, CancellationToken.None));
        (await new RunWorkflowTool(() => _fixture.Runner).CallAsync(System.Text.Json.JsonElement.Parse("{}"), call, CancellationToken.None)).Text.ShouldContain("w – ");
    }

    [Fact]
    public async Task Command_OfARecipe_AsksForTheRunOrForWhatIsMissing()
    {
        _fixture.Save("name: w\ndescription: does it\ninputs: {x: {}}\nsteps: [{id: a, prompt: a}]");
        var command = new WorkflowCommands(_fixture.Book).Commands.Single(c => c.Name == "w");
        (command.Kind, command.Description).ShouldBe(("workflow", "does it"));
        var asked = (await command.Answer(new CommandContext("/w all of it", null, () => Task.FromResult(0)))).ShouldHaveSingleItem();
        var call = asked.ShouldBeOfType<Microsoft.Extensions.AI.FunctionCallContent>();
        (call.Name, call.Arguments!["inputs"]!.ToString()).ShouldBe(("run_workflow", """{"x":"all of it"}"""));
        (await command.Answer(new CommandContext("/w", null, () => Task.FromResult(0)))).ShouldHaveSingleItem().ToString()!.ShouldContain("'x' is missing");
    }

    private Task<WorkflowRunStore> OpenAsync() => _fixture.OpenStoreAsync();

    private static System.Text.Json.JsonElement Json(string yaml) => System.Text.Json.JsonElement.Parse(new System.Text.Json.Nodes.JsonObject { ["yaml"] = yaml }.ToJsonString());
}
