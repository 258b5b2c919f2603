using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Stores.Workflows;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Workflows;

public sealed class WorkflowRunStoreTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private WorkflowRunStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await WorkflowRunStore.OpenAsync(_folder.Paths(), _time, NullLogger<WorkflowRunStore>.Instance);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Begin_ANewRun_RunsUnderItsRunnerWithAllStepsPending()
    {
        var (run, begun) = await _store.BeginAsync(New("r1"));
        begun.ShouldBeTrue();
        (run.Run.Status, run.Run.Runner, run.Run.Fence, run.Run.Version).ShouldBe((WorkflowStatus.Running, "p1", 1, 1));
        run.Steps.Select(s => (s.Id, s.Status, s.Attempt)).ShouldBe([("a", WorkflowStepStatus.Pending, 0), ("b", WorkflowStepStatus.Pending, 0)]);
        (await _store.GetAsync("r1")).ShouldBeEquivalentTo(run);
        (await _store.GetAsync("r2")).ShouldBeNull();
    }

    [Fact]
    public async Task Begin_TheSameKeyAgain_TheRunThatIsThere()
    {
        await _store.BeginAsync(New("r1") with { Key = "k" });
        var (run, begun) = await _store.BeginAsync(New("r2") with { Key = "k" });
        (run.Run.Id, begun).ShouldBe(("r1", false));
        (await _store.FindByKeyAsync("k"))!.Id.ShouldBe("r1");
        (await _store.FindByKeyAsync("other")).ShouldBeNull();
        (await _store.BeginAsync(New("r3"))).Begun.ShouldBeTrue("without a key each is meant");
    }

    [Fact]
    public async Task SaveStep_EveryField_ComesBackAsWritten()
    {
        var run = (await _store.BeginAsync(New("r1"))).Run.Run;
        var step = new WorkflowStep("b", WorkflowStepStatus.Failed, 3)
        {
            StartedAt = _time.GetUtcNow(), FinishedAt = _time.GetUtcNow().AddSeconds(1), NotBefore = _time.GetUtcNow().AddSeconds(2), Output = "o\0ut", External = true, ErrorCode = "c", ErrorMessage = "m",
        };
        var saved = await _store.SaveStepAsync("r1", run.Fence, step);
        saved.Version.ShouldBe(run.Version + 1);
        (await _store.GetAsync("r1"))!.Steps[1].ShouldBe(step);
    }

    [Fact]
    public async Task TakeOver_ARunItsRunnerWorksOn_IsRefused()
    {
        await _store.BeginAsync(New("r1"));
        (await _store.TakeOverAsync("r1", "p2", r => r.Runner == "p1")).ShouldBeNull();
        (await _store.GetAsync("r1"))!.Run.Runner.ShouldBe("p1");
    }

    [Fact]
    public async Task TakeOver_ADeadProcesssRun_TheOldFenceWritesNothingMore()
    {
        var before = (await _store.BeginAsync(New("r1"))).Run.Run;
        var taken = (await _store.TakeOverAsync("r1", "p2", _ => false))!;
        (taken.Run.Runner, taken.Run.Fence).ShouldBe(("p2", before.Fence + 1));
        var step = new WorkflowStep("a", WorkflowStepStatus.Done, 1) { Output = "old" };
        await Should.ThrowAsync<StaleRunException>(() => _store.SaveStepAsync("r1", before.Fence, step));
        await Should.ThrowAsync<StaleRunException>(() => _store.ParkAsync("r1", before.Fence));
        await Should.ThrowAsync<StaleRunException>(() => _store.FinishAsync("r1", before.Fence, WorkflowStatus.Done, "old"));
        (await _store.GetAsync("r1"))!.Steps[0].Status.ShouldBe(WorkflowStepStatus.Pending);
        await _store.SaveStepAsync("r1", taken.Run.Fence, step);
    }

    [Fact]
    public async Task TakeOver_ManyAtOnce_OneGetsIt()
    {
        await _store.BeginAsync(New("r1"));
        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _store.TakeOverAsync("r1", $"q{i}", r => r.Runner.StartsWith('q'))));
        taken.OfType<WorkflowRunDetails>().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Park_ADecisionNobodyHasSeen_IsRefusedUntilItIsSeen()
    {
        var run = (await _store.BeginAsync(New("r1"))).Run.Run;
        await _store.SaveStepAsync("r1", run.Fence, new WorkflowStep("a", WorkflowStepStatus.Waiting), new NewGate("g", "go on?", "do it"));
        (await _store.DecideAsync("g", GateDecision.Approve, "yes"))!.Taken.ShouldBeTrue();
        (await _store.ParkAsync("r1", run.Fence)).ShouldBeNull();
        (await _store.GetAsync("r1"))!.Run.Status.ShouldBe(WorkflowStatus.Running);
        await _store.SaveStepAsync("r1", run.Fence, new WorkflowStep("a", WorkflowStepStatus.Waiting, 1));
        (await _store.ParkAsync("r1", run.Fence))!.Status.ShouldBe(WorkflowStatus.Waiting);
    }

    [Fact]
    public async Task Park_ARunThatIsToBeCancelled_IsRefused()
    {
        var run = (await _store.BeginAsync(New("r1"))).Run.Run;
        await _store.RequestCancelAsync("r1");
        (await _store.ParkAsync("r1", run.Fence)).ShouldBeNull();
    }

    [Fact]
    public async Task Decide_Twice_TheFirstStands()
    {
        var run = (await _store.BeginAsync(New("r1"))).Run.Run;
        await _store.SaveStepAsync("r1", run.Fence, new WorkflowStep("a", WorkflowStepStatus.Waiting), new NewGate("g", "go on?", "do it"));
        (await _store.OpenGatesAsync(10)).ShouldHaveSingleItem().Workflow.ShouldBe("w");
        await _store.DecideAsync("g", GateDecision.Deny, "no");
        var second = (await _store.DecideAsync("g", GateDecision.Approve, null))!;
        (second.Taken, second.Gate.Decision, second.Gate.Answer).ShouldBe((false, GateDecision.Deny, "no"));
        (await _store.DecideAsync("none", GateDecision.Approve, null)).ShouldBeNull();
        (await _store.OpenGatesAsync(10)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Finish_WithOpenGates_NobodyIsAskedAnyMore()
    {
        var run = (await _store.BeginAsync(New("r1"))).Run.Run;
        await _store.SaveStepAsync("r1", run.Fence, new WorkflowStep("a", WorkflowStepStatus.Waiting), new NewGate("g", "go on?", "do it"));
        var ended = await _store.FinishAsync("r1", run.Fence, WorkflowStatus.Cancelled, null, "cancelled", "why");
        (ended.Status, ended.FinishedAt, ended.ErrorMessage).ShouldBe((WorkflowStatus.Cancelled, _time.GetUtcNow(), "why"));
        (await _store.OpenGatesAsync(10)).ShouldBeEmpty();
        (await _store.OpenRunsAsync()).ShouldBeEmpty();
        (await _store.TakeOverAsync("r1", "p2", _ => false)).ShouldBeNull();
        (await _store.RequestCancelAsync("r1")).ShouldBeNull();
    }

    [Fact]
    public async Task Reopen_AFailedRun_KeepsWhatIsDoneAndBeginsTheRestAgain()
    {
        var run = (await _store.BeginAsync(New("r1"))).Run.Run;
        await _store.SaveStepAsync("r1", run.Fence, new WorkflowStep("a", WorkflowStepStatus.Done, 1) { Output = "kept" });
        await _store.SaveStepAsync("r1", run.Fence, new WorkflowStep("b", WorkflowStepStatus.Failed, 2), new NewGate("g", "?", ""));
        await _store.DecideAsync("g", GateDecision.Deny, null);
        (await _store.ReopenAsync("r1", "p2")).ShouldBeNull("it runs");
        await _store.FinishAsync("r1", run.Fence, WorkflowStatus.Failed, null, "steps_failed", "why");
        var reopened = (await _store.ReopenAsync("r1", "p2"))!;
        (reopened.Run.Status, reopened.Run.Runner, reopened.Run.FinishedAt, reopened.Run.ErrorCode).ShouldBe((WorkflowStatus.Running, "p2", null, null));
        reopened.Steps.Select(s => (s.Status, s.Attempt, s.Output)).ShouldBe([(WorkflowStepStatus.Done, 1, "kept"), (WorkflowStepStatus.Pending, 2, null)]);
        reopened.Gates.ShouldBeEmpty("who said no is asked again");
    }

    [Fact]
    public async Task List_Pages_EveryRunOnceNewestFirst()
    {
        for (var i = 0; i < 7; i++)
        {
            await _store.BeginAsync(New($"r{i}") with { Workflow = i % 2 == 0 ? "even" : "odd" });
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _store.ListAsync(null, null, 3, cursor);
            seen.AddRange(page.Items.Select(r => r.Id));
            cursor = page.Next;
        }
        while (cursor is not null);
        seen.ShouldBe(["r6", "r5", "r4", "r3", "r2", "r1", "r0"]);
        (await _store.ListAsync("odd", WorkflowStatus.Running, 10)).Items.Select(r => r.Id).ShouldBe(["r5", "r3", "r1"]);
        (await _store.ListAsync(null, WorkflowStatus.Done, 10)).Items.ShouldBeEmpty();
        await Should.ThrowAsync<ArgumentException>(() => _store.ListAsync(null, null, 10, "nonsense"));
    }

    [Fact]
    public async Task EndedBefore_ThenDeleted_NothingOfThemIsLeft()
    {
        var run = (await _store.BeginAsync(New("old") with { Key = "k" })).Run.Run;
        await _store.FinishAsync("old", run.Fence, WorkflowStatus.Done, "o");
        _time.Advance(TimeSpan.FromDays(2));
        await _store.BeginAsync(New("open"));
        (await _store.EndedBeforeAsync(_time.GetUtcNow().AddDays(-1))).ShouldHaveSingleItem().Id.ShouldBe("old");
        (await _store.EndedBeforeAsync(_time.GetUtcNow().AddDays(-3))).ShouldBeEmpty();
        await _store.DeleteAsync("old");
        (await _store.GetAsync("old")).ShouldBeNull();
        (await _store.FindByKeyAsync("k")).ShouldBeNull();
    }

    private static NewWorkflowRun New(string id) => new(id, "w", "name: w", "{}", "operator", "p1", ["a", "b"]);
}
