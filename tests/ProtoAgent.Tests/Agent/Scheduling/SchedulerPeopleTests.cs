using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>Turns of jobs that wait for a person, who may be away for a weekend.</summary>
public sealed class SchedulerPeopleTests
{
    [Fact]
    public async Task Parked_TurnOfAJob_HoldsUpNobodyElseAndEndsWhenDecided()
    {
        await using var fixture = new SchedulerFixture { Options = new SchedulerOptions { Concurrency = 1 } };
        fixture.Turns.Tools.Add(new AskHuman());
        await fixture.StartAsync();
        var asks = await fixture.AddAsync("ask somebody", "2026-03-01T12:01:00Z");
        fixture.Pass(1);
        (await fixture.Turns.Model.NextAsync()).Calls(TurnFixture.Call("ask_human", """{"question":"which?"}"""));
        await fixture.HeardAsync("job.waiting");
        (await fixture.LedgerAsync(asks)).ShouldBe(["running"]);

        var other = await fixture.AddAsync("do something else", "2026-03-01T12:02:00Z");
        fixture.Pass(1);
        await fixture.AnswerAsync();
        var beside = await fixture.HeardAsync("job.done");
        ((string)beside["session_id"]!).ShouldBe($"{ActivityLog.ThreadId}:{(await fixture.RunsAsync(other))[0].TurnId}");

        var approval = (await fixture.Turns.Store.ListApprovalsAsync(10)).ShouldHaveSingleItem();
        await fixture.Turns.Runner.DecideAsync(approval.Id, Decision.Approve, "the blue one", CancellationToken.None);
        await fixture.AnswerAsync("blue it is");
        await fixture.HeardAsync("job.done");
        (await fixture.LedgerAsync(asks)).ShouldBe(["done"]);
        fixture.Activity.Last().Text.ShouldBe("blue it is");
    }
}
