using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Tools.Scheduling;
using ProtoAgent.Stores.Jobs;
using ProtoAgent.Tests.Agent.Scheduling;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Scheduling;

/// <summary>The tools in turns of a scripted model, over the scheduler itself.</summary>
public sealed class WaitTurnTests : IAsyncLifetime
{
    private readonly SchedulerFixture _fixture = new();

    public async ValueTask InitializeAsync()
    {
        _fixture.Turns.Tools.AddRange(new SchedulingTools(() => _fixture.Desk, _fixture.Turns.Time).Tools);
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Wait_Twice_TheConversationGoesOnEachTime()
    {
        var turn = _fixture.Turns.Send("look after the oven");
        await WaitAsync("""{"seconds":60,"then":"look into the oven"}""");
        await turn.Completion;

        _fixture.Pass(1);
        await WaitAsync("""{"seconds":120,"then":"take it out"}""", "look into the oven");
        await _fixture.HeardAsync("job.done");
        var job = (await _fixture.Desk.GetAsync(WaitTool.JobId("t"), CancellationToken.None))!;
        (job.State, job.Prompt, job.NextFire).ShouldBe((JobState.Active, "take it out", _fixture.Now.AddMinutes(2)), "the end of the first does not undo the second");

        _fixture.Pass(2);
        var last = await _fixture.AnswerAsync("done");
        last.Last.ShouldContain("take it out");
        await _fixture.HeardAsync("job.done");
        (await _fixture.Desk.ListAsync(10, null, CancellationToken.None)).Items.ShouldHaveSingleItem().State.ShouldBe(JobState.Ended);
    }

    [Fact]
    public async Task ScheduleTask_InATurn_FiresApartAndIsCancelledFromTheConversation()
    {
        var turn = _fixture.Turns.Send("water the plants each minute");
        (await _fixture.Turns.Model.NextAsync()).Calls(TurnFixture.Call("schedule_task", """{"prompt":"water the plants","when":"every 1m","job_id":"plants"}"""));
        await _fixture.AnswerAsync("I will");
        await turn.Completion;

        _fixture.Pass(1);
        (await _fixture.AnswerAsync("watered")).Last.ShouldContain("water the plants");
        ((string)(await _fixture.HeardAsync("job.done"))["session_id"]!).ShouldStartWith(ActivityLog.ThreadId);

        turn = _fixture.Turns.Send("stop it");
        (await _fixture.Turns.Model.NextAsync()).Calls(TurnFixture.Call("cancel_schedule", """{"job_id":"plants"}"""));
        await _fixture.AnswerAsync("stopped");
        await turn.Completion;
        (await _fixture.Turns.ThreadAsync()).ShouldContain("ok cancel_schedule Cancelled 'plants'.");
        (await _fixture.Desk.GetAsync("plants", CancellationToken.None)).ShouldBeNull();
    }

    /// <summary>The model waits and ends its turn.</summary>
    private async Task WaitAsync(string arguments, string asked = "")
    {
        var call = await _fixture.Turns.Model.NextAsync();
        call.Last.ShouldContain(asked);
        call.Calls(TurnFixture.Call("wait", arguments));
        var told = (await _fixture.AnswerAsync("resting")).Messages[^1].Contents.OfType<FunctionResultContent>().ShouldHaveSingleItem();
        told.Result!.ToString()!.ShouldContain("End your turn now");
    }
}
