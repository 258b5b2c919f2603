using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Checkpoints.CheckpointFixture;

namespace ProtoAgent.Tests.Stores.Checkpoints;

/// <summary>Turns that wait for a person, and what is said to turns that run.</summary>
public sealed class WaitingContractTests : IAsyncLifetime
{
    private static readonly TurnEnd s_cancelled = new(TurnStatus.Cancelled, ErrorCode: "cancelled");

    private readonly CheckpointFixture _fixture = new();
    private ICheckpointStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await _fixture.OpenAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Park_TheTurnWaitsAndNobodyRunsIt()
    {
        var head = await ParkedAsync("p1", "p2");
        head.ShouldBe(2);
        (await _store.GetOpenTurnAsync("t"))!.Status.ShouldBe(TurnStatus.Waiting);
        (await _store.BeginTurnAsync(Turn("b"))).ShouldBeOfType<TurnStart.Waiting>().Turn.Id.ShouldBe("a");
        (await _store.UnfinishedTurnsAsync()).ShouldBeEmpty("two decisions are open");
        (await _store.TakeOverTurnAsync("a", "p2")).ShouldBeNull();
        await Should.ThrowAsync<StaleStepException>(_store.AppendAsync("a", head, [Says("x")]));
        (await _store.ListApprovalsAsync(10)).Select(a => (a.Id, a.CallId, a.Tool, a.Decision)).ShouldBe([("p1", "call p1", "tool", null), ("p2", "call p2", "tool", null)]);
    }

    [Fact]
    public async Task Decide_TheLastOne_FreesTheTurnForOneTaker()
    {
        var head = await ParkedAsync("p1", "p2");
        var first = (await _store.DecideApprovalAsync("p1", Decision.Deny, "why not"))!;
        (first.Taken, first.TurnIsFree, first.Approval.Answer).ShouldBe((true, false, "why not"));
        (await _store.DecideApprovalAsync("p2", Decision.Approve, null))!.TurnIsFree.ShouldBeTrue();
        (await _store.DecideApprovalAsync("p2", Decision.Deny, null))!.ShouldSatisfyAllConditions(d => d.Taken.ShouldBeFalse(), d => d.Approval.Decision.ShouldBe(Decision.Approve));
        (await _store.DecideApprovalAsync("none", Decision.Deny, null)).ShouldBeNull();
        (await _store.UnfinishedTurnsAsync()).ShouldHaveSingleItem().Attended.ShouldBeFalse("whoever asked was told that it waits");

        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _store.TakeOverTurnAsync("a", "p2")));
        taken.OfType<TakenTurn>().ShouldHaveSingleItem().ShouldSatisfyAllConditions(t => t.Head.ShouldBe(head), t => t.Turn.Attempts.ShouldBe(1));
        (await _store.ApprovalsOfTurnAsync("a")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Worked_CountsRunsAndNoWaiting()
    {
        var head = await BeginAsync(_store, Turn("a"));
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        await _store.ParkTurnAsync("a", head, [], []);
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        (await _store.TakeOverTurnAsync("a", "p1"))!.Turn.Worked.ShouldBe(TimeSpan.FromSeconds(5));
        _fixture.Time.Advance(TimeSpan.FromSeconds(3));
        await _store.AppendAsync("a", head, [Says("x")]);
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        _fixture.Live["p1"] = false;
        (await _store.TakeOverTurnAsync("a", "p2"))!.Turn.Worked.ShouldBe(TimeSpan.FromSeconds(8), "what a dead process worked is known up to its last step");
    }

    [Fact]
    public async Task CancelWaiting_EndsItAndItsApprovals()
    {
        await ParkedAsync("p1");
        (await _store.CancelWaitingTurnAsync("a", Says("cancelled", StepKind.Note), s_cancelled))!.Status.ShouldBe(TurnStatus.Cancelled);
        (await _store.CancelWaitingTurnAsync("a", Says("cancelled", StepKind.Note), s_cancelled)).ShouldBeNull();
        (await _store.ListApprovalsAsync(10)).ShouldBeEmpty();
        (await _store.DecideApprovalAsync("p1", Decision.Approve, null))!.ShouldSatisfyAllConditions(d => d.Taken.ShouldBeFalse(), d => d.Approval.Decision.ShouldBe(Decision.Cancelled));
        (await BeginAsync(_store, Turn("b"))).ShouldBe(4);
    }

    [Fact]
    public async Task Steer_IsTakenInOrderOnceAndOnlyWhileATurnIsOpen()
    {
        (await _store.SteerAsync("t", "{}")).ShouldBeFalse();
        var head = await BeginAsync(_store, Turn("a"));
        await _store.SteerAsync("t", """{"text":"1"}""");
        await _store.SteerAsync("t", """{"text":"2"}""");
        head = await _store.TakeSteeringAsync("a", head);
        head.ShouldBe(3);
        (await _store.ReadStepsAsync("t", 1)).Select(s => (s.Kind, s.Content)).ShouldBe([(StepKind.User, """{"text":"1"}"""), (StepKind.User, """{"text":"2"}""")]);
        (await _store.TakeSteeringAsync("a", head)).ShouldBe(head);

        await _store.SteerAsync("t", """{"text":"3"}""");
        var finish = await _store.FinishTurnAsync("a", head, [Says("reply", StepKind.Assistant)], new TurnEnd(TurnStatus.Done));
        finish.ShouldBe(new TurnFinish(5, Steered: true));
        (await _store.GetTurnAsync("a"))!.Status.ShouldBe(TurnStatus.Running);
        (await _store.FinishTurnAsync("a", 5, [], new TurnEnd(TurnStatus.Done))).Steered.ShouldBeFalse();
        (await _store.SteerAsync("t", "{}")).ShouldBeFalse();
    }

    [Fact]
    public async Task Finish_Failed_DoesNotWaitForWhatWasSaidAndKeepsIt()
    {
        var head = await BeginAsync(_store, Turn("a"));
        await _store.SteerAsync("t", """{"text":"1"}""");
        (await _store.FinishTurnAsync("a", head, [], new TurnEnd(TurnStatus.Failed))).Steered.ShouldBeFalse();
        (await _store.ReadStepsAsync("t"))[^1].Content.ShouldBe("""{"text":"1"}""");
        (await BeginAsync(_store, Turn("b"))).ShouldBe(3);
    }

    private async Task<long> ParkedAsync(params string[] approvals)
    {
        var head = await BeginAsync(_store, Turn("a"));
        return await _store.ParkTurnAsync("a", head, [Says("calls", StepKind.Assistant)], [.. approvals.Select(a => new NewApproval(a, $"call {a}", ApprovalKind.Approve, "tool", "{}"))]);
    }
}
