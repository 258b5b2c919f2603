using ProtoAgent.Stores.Jobs;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Jobs;

/// <summary>What becomes of a due time.</summary>
public sealed class RunContractTests : IAsyncLifetime
{
    private readonly JobFixture _fixture = new();
    private IJobStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await _fixture.OpenAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Claim_WhatIsDue_IsARowAndTheNextFireInOne()
    {
        var job = await _fixture.AddAsync(_store);
        var run = await _fixture.ClaimAsync(_store, job.Id);
        (run.JobId, run.DueAt, run.Status, run.Runner, run.Attempt, run.ClaimedAt, run.TurnId).ShouldBe(
            (job.Id, job.NextFire!.Value, RunStatus.Claimed, "p1", 1, _fixture.Now, null));
        Guid.Parse(run.Id).Version.ShouldBe(7);
        var after = (await _store.GetAsync(job.Id))!;
        (after.NextFire, after.LastFire, after.LastStatus, after.Runs, after.Version).ShouldBe((_fixture.In(1), _fixture.Now, RunStatus.Claimed, 1, 1));

        (await _store.ClaimAsync(job.Id, run.DueAt, _fixture.In(7), "p2")).ShouldBeNull();
        (await _store.ClaimAsync("none", run.DueAt, _fixture.In(7), "p2")).ShouldBeNull();
        (await _store.RunsAsync(job.Id, 10)).Items.ShouldBe([run]);
        await Should.ThrowAsync<ArgumentException>(async () => await _store.ClaimAsync(job.Id, _fixture.In(1), _fixture.In(1), "p1"));
    }

    [Fact]
    public async Task Claim_ADueTimeThatHasARow_MovesOnWithoutASecond()
    {
        var job = await _fixture.AddAsync(_store);
        var run = await _fixture.ClaimAsync(_store, job.Id);
        await _store.PauseAsync(job.Id);
        await _store.ResumeAsync(job.Id, run.DueAt);

        (await _store.ClaimAsync(job.Id, run.DueAt, _fixture.In(3), "p1")).ShouldBeNull();
        (await _store.GetAsync(job.Id))!.NextFire.ShouldBe(_fixture.In(3));
        (await _store.RunsAsync(job.Id, 10)).Items.ShouldBe([run]);
    }

    [Theory]
    [InlineData(2, null, JobReasons.MaxRuns)]
    [InlineData(null, 2.5, JobReasons.EndAt)]
    public async Task Claim_TheLastThatThePolicyAllows_EndsTheJob(int? maxRuns, double? endsIn, string reason)
    {
        var policy = new JobPolicy { MaxRuns = maxRuns, EndAt = endsIn is { } minutes ? _fixture.In(minutes) : null };
        var job = await _fixture.AddAsync(_store, _fixture.New(policy: policy));
        await _fixture.ClaimAsync(_store, job.Id);
        (await _store.GetAsync(job.Id))!.Enabled.ShouldBeTrue();
        await _fixture.ClaimAsync(_store, job.Id);
        var ended = (await _store.GetAsync(job.Id))!;
        (ended.State, ended.PausedReason, ended.NextFire).ShouldBe((JobState.Ended, reason, null));
        (await _store.NextDueAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Record_ManyAtOnce_EachHasItsRow()
    {
        var job = await _fixture.AddAsync(_store);
        DateTimeOffset[] due = [.. Enumerable.Range(1, 5).Select(i => _fixture.In(i))];
        var next = _fixture.In(6);
        _fixture.Time.Advance(TimeSpan.FromMinutes(5));

        (await _store.RecordAsync(job.Id, due[1..], next, RunStatus.Missed, "x")).ShouldBeFalse("the first is not the next fire");
        (await _store.RecordAsync(job.Id, due, next, RunStatus.Missed, "was off")).ShouldBeTrue();
        (await _store.RecordAsync(job.Id, due, next, RunStatus.Missed, "was off")).ShouldBeFalse();

        var runs = (await _store.RunsAsync(job.Id, 10)).Items;
        runs.Select(r => r.DueAt).ShouldBe(due.Reverse());
        runs.ShouldAllBe(r => r.Status == RunStatus.Missed && r.Reason == "was off" && r.FinishedAt == _fixture.Now && r.Attempt == 0);
        var after = (await _store.GetAsync(job.Id))!;
        (after.NextFire, after.LastStatus, after.LastFire, after.Runs).ShouldBe((next, RunStatus.Missed, null, 0));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.RecordAsync(job.Id, [next], null, RunStatus.Done, null));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.RecordAsync(job.Id, [], null, RunStatus.Missed, null));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.RecordAsync(job.Id, [due[1], due[0]], null, RunStatus.Missed, null));
    }

    [Fact]
    public async Task Record_OfAOneShot_EndsIt()
    {
        var job = await _fixture.AddAsync(_store);
        await _store.RecordAsync(job.Id, [job.NextFire!.Value], null, RunStatus.Missed, null);
        (await _store.GetAsync(job.Id))!.PausedReason.ShouldBe(JobReasons.Completed);
    }

    [Fact]
    public async Task Start_ThenFinish_IsDoneOnce()
    {
        var job = await _fixture.AddAsync(_store);
        var run = await _fixture.ClaimAsync(_store, job.Id);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        var started = await _store.StartAsync(run.Id, run.Fence, "turn");
        (started.Status, started.TurnId, started.StartedAt).ShouldBe((RunStatus.Running, "turn", _fixture.Now));
        await Should.ThrowAsync<StaleFenceException>(_store.StartAsync(run.Id, run.Fence, "another"));

        var end = await _store.FinishAsync(run.Id, run.Fence, RunStatus.Done);
        (end.Run.Status, end.Run.FinishedAt, end.PausedJob).ShouldBe((RunStatus.Done, _fixture.Now, false));
        end.Job.ShouldBe(await _store.GetAsync(job.Id));
        end.Job!.LastStatus.ShouldBe(RunStatus.Done);
        await Should.ThrowAsync<StaleFenceException>(_store.FinishAsync(run.Id, run.Fence, RunStatus.Failed));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.FinishAsync(run.Id, run.Fence, RunStatus.Running));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.FinishAsync(run.Id, run.Fence, RunStatus.Done, retryAt: _fixture.Now));
    }

    [Fact]
    public async Task Retry_WhenItsTimeHasCome_IsTheSameRunUnderANewFence()
    {
        var job = await _fixture.AddAsync(_store);
        var run = await _fixture.ClaimAsync(_store, job.Id);
        await _store.StartAsync(run.Id, run.Fence, "turn");
        var end = await _store.FinishAsync(run.Id, run.Fence, RunStatus.Failed, "no model", _fixture.In(0.5));
        (end.Run.Status, end.Run.NotBefore, end.Run.Error, end.Job!.ConsecutiveFailures).ShouldBe((RunStatus.Failed, _fixture.In(0.5), "no model", 0));
        (await _store.NextDueAsync()).ShouldBe(_fixture.In(0.5), "before the next fire");
        (await _store.ClaimRetryAsync(run.Id, "p2")).ShouldBeNull("too early");

        _fixture.Time.Advance(TimeSpan.FromMinutes(0.5));
        (await _store.DueAsync(10)).Retries.ShouldHaveSingleItem().Id.ShouldBe(run.Id);
        var again = (await _store.ClaimRetryAsync(run.Id, "p2"))!;
        (again.Status, again.Attempt, again.Runner, again.TurnId, again.NotBefore, again.FinishedAt).ShouldBe((RunStatus.Claimed, 2, "p2", "turn", null, null));
        again.Fence.ShouldBeGreaterThan(run.Fence);
        (await _store.ClaimRetryAsync(run.Id, "p1")).ShouldBeNull();
        await Should.ThrowAsync<StaleFenceException>(_store.FinishAsync(run.Id, run.Fence, RunStatus.Done));

        (await _store.FinishAsync(again.Id, again.Fence, RunStatus.Failed)).Job!.ConsecutiveFailures.ShouldBe(1);
        (await _store.GetRunAsync(run.Id))!.Error.ShouldBe("no model");
        (await _store.GetAsync(job.Id))!.Runs.ShouldBe(1);
    }

    [Fact]
    public async Task Finish_OfACrashLoop_PausesTheJobInTheSameWrite()
    {
        var job = await _fixture.AddAsync(_store, _fixture.New());
        var run = await _fixture.ClaimAsync(_store, job.Id);
        var end = await _store.FinishAsync(run.Id, run.Fence, RunStatus.Failed, "it died", reason: JobReasons.CrashLoop);
        (end.PausedJob, end.Job!.State, end.Job.PausedReason, end.Job.NextFire).ShouldBe((true, JobState.Paused, JobReasons.CrashLoop, null));
        (end.Run.Status, end.Run.Reason).ShouldBe((RunStatus.Failed, JobReasons.CrashLoop));
        (await _store.GetAsync(job.Id))!.State.ShouldBe(JobState.Paused);
    }

    [Fact]
    public async Task Finish_TooManyFailuresInARow_PausesTheJob()
    {
        var job = await _fixture.AddAsync(_store, _fixture.New(policy: new JobPolicy { PauseAfterFailures = 2 }));
        foreach (var status in new[] { RunStatus.Failed, RunStatus.Done, RunStatus.Failed, RunStatus.Skipped })
        {
            var run = await _fixture.ClaimAsync(_store, job.Id);
            (await _store.FinishAsync(run.Id, run.Fence, status)).PausedJob.ShouldBeFalse();
        }

        var last = await _fixture.ClaimAsync(_store, job.Id);
        var end = await _store.FinishAsync(last.Id, last.Fence, RunStatus.Failed, "e");
        (end.PausedJob, end.Job!.State, end.Job.PausedReason, end.Job.ConsecutiveFailures).ShouldBe((true, JobState.Paused, JobReasons.Failures, 2));
        (await _store.NextDueAsync()).ShouldBeNull();
        (await _store.ResumeAsync(job.Id, _fixture.In(1)))!.ConsecutiveFailures.ShouldBe(0);
    }

    [Fact]
    public async Task Pause_WhileARetryWaitsOrARunFails_NothingIsTriedAgain()
    {
        var job = await _fixture.AddAsync(_store);
        var waiting = await _fixture.ClaimAsync(_store, job.Id);
        await _store.FinishAsync(waiting.Id, waiting.Fence, RunStatus.Failed, "e", _fixture.In(10));
        var running = await _fixture.ClaimAsync(_store, job.Id);
        await _store.PauseAsync(job.Id);
        await _store.FinishAsync(running.Id, running.Fence, RunStatus.Failed, "e", _fixture.In(10));

        (await _store.RunsAsync(job.Id, 10)).Items.ShouldAllBe(r => r.NotBefore == null && r.Reason == JobReasons.Paused && r.Status == RunStatus.Failed);
        (await _store.NextDueAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task RunNow_OfAnyJob_LeavesTheScheduleAlone()
    {
        var job = await _fixture.AddAsync(_store);
        var (one, two) = ((await _store.RunNowAsync(job.Id, "p1"))!, (await _store.RunNowAsync(job.Id, "p1"))!);
        (one.DueAt, one.Status, one.Reason).ShouldBe((_fixture.Now, RunStatus.Claimed, JobReasons.RunNow));
        two.DueAt.ShouldBe(_fixture.Now.AddMilliseconds(1));
        var after = (await _store.GetAsync(job.Id))!;
        (after.NextFire, after.Runs, after.LastStatus).ShouldBe((job.NextFire, 0, RunStatus.Claimed));

        _fixture.Time.SetUtcNow(job.NextFire!.Value);
        (await _store.RunNowAsync(job.Id, "p1"))!.DueAt.ShouldNotBe(job.NextFire.Value);
        (await _fixture.ClaimAsync(_store, job.Id)).DueAt.ShouldBe(job.NextFire.Value);
        await _store.PauseAsync(job.Id);
        (await _store.RunNowAsync(job.Id, "p1")).ShouldNotBeNull();
        (await _store.GetAsync(job.Id))!.State.ShouldBe(JobState.Paused);
        (await _store.RunNowAsync("none", "p1")).ShouldBeNull();
    }

    [Fact]
    public async Task Runs_InPages_LatestDueFirstEachOnce()
    {
        var job = await _fixture.AddAsync(_store);
        for (var i = 0; i < 5; i++)
        {
            await _fixture.ClaimAsync(_store, job.Id);
        }

        var first = await _store.RunsAsync(job.Id, 3);
        var second = await _store.RunsAsync(job.Id, 3, first.Next);
        (first.Items.Count, second.Items.Count, second.Next).ShouldBe((3, 2, null));
        first.Items.Concat(second.Items).Select(r => r.DueAt).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public async Task Prune_LeavesTheOpenTheYoungAndTheWaiting()
    {
        var job = await _fixture.AddAsync(_store);
        var old = await _fixture.ClaimAsync(_store, job.Id);
        await _store.FinishAsync(old.Id, old.Fence, RunStatus.Done);
        var waiting = await _fixture.ClaimAsync(_store, job.Id);
        await _store.FinishAsync(waiting.Id, waiting.Fence, RunStatus.Failed, retryAt: _fixture.In(999));
        var open = await _fixture.ClaimAsync(_store, job.Id);
        _fixture.Time.Advance(TimeSpan.FromMinutes(10));
        var young = await _fixture.ClaimAsync(_store, job.Id);
        await _store.FinishAsync(young.Id, young.Fence, RunStatus.Done);

        (await _store.PruneRunsAsync(_fixture.Now)).ShouldBe(1);
        (await _store.RunsAsync(job.Id, 10)).Items.Select(r => r.Id).ShouldBe([young.Id, open.Id, waiting.Id]);
    }

    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 60)]
    [InlineData(3, 120)]
    [InlineData(4, null)]
    public void BackoffAfter_Attempts_DoublesThenEnds(int attempt, int? seconds) =>
        new JobPolicy().BackoffAfter(attempt).ShouldBe(seconds is { } s ? TimeSpan.FromSeconds(s) : null);

    [Fact]
    public void BackoffAfter_ManyAttempts_IsAnHourAtMost() =>
        new JobPolicy { Retries = 100, RetryBackoff = TimeSpan.MaxValue }.BackoffAfter(100).ShouldBe(TimeSpan.FromHours(1));
}
