using ProtoAgent.Agent.Activity;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Stores.Activity;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Jobs;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>Due times become turns, and the ledger says what became of each.</summary>
public sealed class SchedulerTests : IAsyncLifetime
{
    private readonly SchedulerFixture _fixture = new();

    public async ValueTask InitializeAsync() => await _fixture.StartAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Due_Job_RunsItsTurnAndSaysSoEverywhere()
    {
        var job = await _fixture.AddAsync("water the plants");
        var due = _fixture.Now.AddMinutes(1);
        job.NextFire.ShouldBe(due);
        _fixture.Pass(1);
        var call = await _fixture.AnswerAsync("watered");
        call.Last.ShouldBe("water the plants");
        call.Messages[0].Text.ShouldContain(job.Id);

        var told = await _fixture.HeardAsync("job.done");
        var run = (await _fixture.RunsAsync(job)).ShouldHaveSingleItem();
        (run.Status, run.DueAt, run.TurnId, run.Attempt).ShouldBe((RunStatus.Done, due, run.Id, 1));
        ((string)told["run_id"]!).ShouldBe(run.Id);
        var turn = (await _fixture.Turns.Store.GetTurnAsync(run.TurnId!))!;
        (turn.Status, turn.Origin, turn.ThreadId, turn.Attended).ShouldBe((TurnStatus.Done, "scheduler", ActivityLog.ThreadId, false));
        var line = _fixture.Activity.ShouldHaveSingleItem();
        (line.Origin, line.Kind, line.Text, line.JobId, line.TurnId, line.ThreadId).ShouldBe(
            (ActivityOrigin.Scheduler, "job_done", "watered", job.Id, run.TurnId, ActivityLog.ThreadId));
        var after = await _fixture.GetAsync(job);
        (after.NextFire, after.LastFire, after.LastStatus).ShouldBe((due.AddMinutes(1), due, RunStatus.Done));
        await _fixture.PublishedAsync("running", after.NextFire);
    }

    [Fact]
    public async Task Due_ForTheHundredthTime_TheModelIsToldOfTheLastFewAlone()
    {
        await _fixture.AddAsync(new string('x', 2000));
        for (var i = 0; i < 40; i++)
        {
            _fixture.Pass(1);
            var call = await _fixture.AnswerAsync("done " + new string('y', 2000));
            call.Messages.Skip(1).Sum(m => m.Text.Length).ShouldBeLessThan(50_000, "40 turns of 4,000 characters would be 160,000");
            await _fixture.HeardAsync("job.done");
        }

        (await _fixture.Turns.Store.ReadContextAsync(ActivityLog.ThreadId)).Count.ShouldBeLessThan(30);
    }

    [Fact]
    public async Task Due_JobWithASession_GoesThere()
    {
        await _fixture.AddAsync(session: "mine");
        _fixture.Pass(1);
        await _fixture.AnswerAsync("here");
        await _fixture.HeardAsync("job.done");
        (await _fixture.Turns.ThreadAsync("mine")).ShouldBe(["user water the plants", "assistant here"]);
    }

    [Fact]
    public async Task Failure_OfAOneShot_TriedAgainByPolicyAndThenGivenUp()
    {
        var job = await _fixture.AddAsync(schedule: "2026-03-01T12:01:00Z", policy: new JobPolicy { Retries = 2 });
        _fixture.Pass(1);
        foreach (var (backoff, attempt) in new[] { (0.5, 2), (1.0, 3) })
        {
            await _fixture.FailAsync();
            var told = await _fixture.HeardAsync("job.retrying");
            DateTimeOffset.Parse((string)told["retry_at"]!).ShouldBe(_fixture.Now.AddMinutes(backoff));
            _fixture.Activity.ShouldBeEmpty("an attempt is not an end");
            _fixture.Pass(backoff);
            ((int)(await _fixture.HeardAsync("job.started"))["attempt"]!).ShouldBe(attempt);
        }

        await _fixture.FailAsync();
        ((string)(await _fixture.HeardAsync("job.failed"))["error"]!).ShouldContain("the model is out");
        var run = (await _fixture.RunsAsync(job)).ShouldHaveSingleItem("every attempt is of the one run");
        (run.Status, run.Attempt, run.TurnId, run.NotBefore).ShouldBe((RunStatus.Failed, 3, $"{run.Id}-3", null));
        _fixture.Activity.ShouldHaveSingleItem().Kind.ShouldBe("job_failed");
        (await _fixture.GetAsync(job)).State.ShouldBe(JobState.Ended);
        _fixture.Pass(600);
        _fixture.Turns.Model.IsAsked.ShouldBeFalse();
    }

    [Fact]
    public async Task Failures_AsManyAsThePolicySays_PauseTheJob()
    {
        var job = await _fixture.AddAsync(policy: new JobPolicy { Retries = 0, PauseAfterFailures = 2 });
        for (var i = 0; i < 2; i++)
        {
            _fixture.Pass(1);
            await _fixture.FailAsync();
            await _fixture.HeardAsync("job.failed");
        }

        ((string)(await _fixture.HeardAsync("job.paused"))["reason"]!).ShouldBe(JobReasons.Failures);
        var paused = await _fixture.GetAsync(job);
        (paused.State, paused.PausedReason, paused.NextFire).ShouldBe((JobState.Paused, JobReasons.Failures, null));
        _fixture.Activity.Select(a => a.Kind).ShouldBe(["job_failed", "job_failed", "job_paused"]);
    }

    [Theory]
    [InlineData(Overlap.Skip, "running", "skipped overlap", "skipped overlap")]
    [InlineData(Overlap.QueueOne, "running", "claimed", "skipped overlap")]
    [InlineData(Overlap.Parallel, "running", "running", "running")]
    public async Task Overlap_ATurnThatOutlastsItsPeriod_ByPolicy(Overlap overlap, params string[] ledger)
    {
        var job = await _fixture.AddAsync(policy: new JobPolicy { Overlap = overlap });
        _fixture.Pass(1);
        await _fixture.HeardAsync("job.started");
        foreach (var next in ledger.Skip(1))
        {
            _fixture.Pass(1);
            await _fixture.HeardAsync(next == "skipped overlap" ? "job.skipped" : next == "running" ? "job.started" : "job.claimed");
        }

        (await _fixture.LedgerAsync(job)).ShouldBe(ledger);
        foreach (var _ in ledger.Where(l => l != "skipped overlap"))
        {
            await _fixture.AnswerAsync();
            await _fixture.HeardAsync("job.done");
        }

        (await _fixture.LedgerAsync(job)).ShouldBe(ledger.Select(l => l == "skipped overlap" ? l : "done"));
    }

    [Fact]
    public async Task Missed_EachIsMadeUpFor_TheLastOfThemTooWhenItIsDueThisVeryMoment()
    {
        var job = await _fixture.AddAsync(policy: new JobPolicy { Missed = MissedFires.FireAll });
        _fixture.Pass(3);
        for (var i = 0; i < 3; i++)
        {
            await _fixture.AnswerAsync();
            await _fixture.HeardAsync("job.done");
        }

        (await _fixture.LedgerAsync(job)).ShouldBe(["done", "done", "done"]);

        // One that comes on time while the job runs is another thing.
        _fixture.Pass(1);
        await _fixture.HeardAsync("job.started");
        _fixture.Pass(1);
        await _fixture.HeardAsync("job.skipped");
    }

    [Fact]
    public async Task Cancelled_TurnOfAJob_IsSkippedAndNoFailure()
    {
        var job = await _fixture.AddAsync(policy: new JobPolicy { PauseAfterFailures = 1 });
        _fixture.Pass(1);
        await _fixture.HeardAsync("job.started");
        await _fixture.Turns.Model.NextAsync();
        await _fixture.Turns.Runner.CancelAsync(ActivityLog.ThreadId, CancellationToken.None);
        await _fixture.HeardAsync("job.skipped");
        (await _fixture.LedgerAsync(job)).ShouldBe(["skipped cancelled"]);
        (await _fixture.GetAsync(job)).State.ShouldBe(JobState.Active);
    }

    [Fact]
    public async Task Jitter_HoldsBackTheTurnAndNotTheClaim()
    {
        var job = await _fixture.AddAsync(schedule: "2026-03-01T12:01:00Z", policy: new JobPolicy { Jitter = TimeSpan.FromMinutes(10) });
        _fixture.Pass(1);
        await _fixture.HeardAsync("job.claimed");
        (await _fixture.LedgerAsync(job)).ShouldBe(["claimed"]);
        _fixture.Turns.Model.IsAsked.ShouldBeFalse();
        _fixture.Pass(10);
        await _fixture.AnswerAsync();
        await _fixture.HeardAsync("job.done");
    }

    [Fact]
    public async Task RunNow_LeavesTheScheduleAlone()
    {
        var job = await _fixture.AddAsync();
        var run = (await _fixture.Desk.RunNowAsync(job.Id, CancellationToken.None))!;
        await _fixture.AnswerAsync();
        await _fixture.HeardAsync("job.done");
        (await _fixture.RunsAsync(job)).ShouldHaveSingleItem().Id.ShouldBe(run.Id);
        (await _fixture.GetAsync(job)).NextFire.ShouldBe(job.NextFire);
    }

    [Fact]
    public async Task EditAndDelete_WhileFiring_TheRunEndsAsItWasBegun()
    {
        var job = await _fixture.AddAsync("before", policy: new JobPolicy { Overlap = Overlap.QueueOne });
        _fixture.Pass(1);
        var first = await _fixture.Turns.Model.NextAsync();
        first.Last.ShouldBe("before");
        await _fixture.Desk.UpdateAsync(job.Id, new JobDraft("after", "every 1m"), null, CancellationToken.None);
        _fixture.Pass(1);
        await _fixture.HeardAsync("job.skipped");
        await _fixture.Desk.UpdateAsync(job.Id, new JobDraft("after", "every 1m") { Policy = new JobPolicy { Overlap = Overlap.QueueOne } }, null, CancellationToken.None);
        _fixture.Pass(1);
        await _fixture.HeardAsync("job.claimed");
        await _fixture.PublishedAsync("running", (await _fixture.GetAsync(job)).NextFire);
        (await _fixture.Desk.DeleteAsync(job.Id, CancellationToken.None)).ShouldBeTrue();
        await _fixture.PublishedAsync("running", null);
        first.Answer("done");
        await _fixture.HeardAsync("job.done");
        (await _fixture.RunsAsync(job)).ShouldBeEmpty();
        _fixture.Pass(10);
        _fixture.Turns.Model.IsAsked.ShouldBeFalse("what was only claimed is not begun for a job that is gone");
        _fixture.Scheduler.Status.NextFire.ShouldBeNull();
    }

    [Fact]
    public async Task Clock_SetBackAndForward_NoDueTimeTwiceAndNoneWithoutARow()
    {
        var job = await _fixture.AddAsync(schedule: "*/10 * * * *");
        _fixture.Pass(10);
        await _fixture.AnswerAsync();
        await _fixture.HeardAsync("job.done");

        _fixture.Turns.Time.AdjustTime(_fixture.Now.AddHours(-1));
        _fixture.Scheduler.Ring();
        await _fixture.Log.UntilAsync("the clock was set back").WaitAsync(TimeSpan.FromSeconds(30));
        _fixture.Pass(60);
        await _fixture.HeardAsync("job.missed");
        _fixture.Turns.Model.IsAsked.ShouldBeFalse("12:10 was done");
        _fixture.Pass(10);
        await _fixture.AnswerAsync();
        await _fixture.HeardAsync("job.done");

        _fixture.Turns.Time.AdjustTime(_fixture.Now.AddHours(1));
        _fixture.Scheduler.Ring();
        await _fixture.AnswerAsync();
        await _fixture.HeardAsync("job.done");
        (await _fixture.LedgerAsync(job)).ShouldBe(
            [.. Enumerable.Repeat("missed superseded", 5), "done", "done", .. Enumerable.Repeat("missed superseded", 5), "done"], "11:20 to 12:00 came by again, all at once");
    }

    [Fact]
    public async Task Clock_YearsAheadForAMoment_KeepsNoJobSilentForYears()
    {
        var job = await _fixture.AddAsync(schedule: "0 * * * *");
        var right = _fixture.Now;
        _fixture.Turns.Time.AdjustTime(right.AddYears(14));
        _fixture.Scheduler.Ring();
        await _fixture.AnswerAsync();
        await _fixture.HeardAsync("job.done");
        (await _fixture.GetAsync(job)).NextFire!.Value.ShouldBeGreaterThan(right.AddYears(14));

        _fixture.Turns.Time.AdjustTime(right);
        _fixture.Scheduler.Ring();
        await _fixture.Log.UntilAsync("the clock was set back").WaitAsync(TimeSpan.FromSeconds(30));
        _fixture.Pass(60);
        _fixture.Pass(60);
        await _fixture.AnswerAsync();
        await _fixture.HeardAsync("job.done");
        (await _fixture.GetAsync(job)).LastFire.ShouldBe(right.AddHours(2), "13:00 has a row, by the wrong clock");
    }

    [Fact]
    public async Task Busy_ThreadOfOneJob_TakesNoSlotFromAnother()
    {
        for (var i = 0; i < _fixture.Options.Concurrency + 5; i++)
        {
            await _fixture.AddAsync($"unasked {i}", "2026-03-01T12:01:00Z");
        }

        await _fixture.AddAsync("elsewhere", "2026-03-01T12:02:00Z", session: "mine");
        _fixture.Pass(1);
        (await _fixture.Turns.Model.NextAsync()).Last.ShouldStartWith("unasked");
        _fixture.Pass(1);
        (await _fixture.AnswerAsync()).Last.ShouldBe("elsewhere");
        ((string)(await _fixture.HeardAsync("job.done"))["session_id"]!).ShouldBe("mine");
    }

    [Fact]
    public async Task Stop_WithARunThatHasNotBegun_LeavesItAndCountsNoCrash()
    {
        var job = await _fixture.AddAsync(schedule: "2026-03-01T12:01:00Z", policy: new JobPolicy { Jitter = TimeSpan.FromHours(1) });
        for (var stop = 0; stop < 5; stop++)
        {
            if (stop == 0)
            {
                _fixture.Pass(1);
                await _fixture.HeardAsync("job.claimed");
            }

            await _fixture.Scheduler.DisposeAsync();
            var run = (await _fixture.ReadAsync(s => s.UnfinishedRunsAsync())).ShouldHaveSingleItem();
            (run.Status, run.Crashes, run.Runner).ShouldBe((RunStatus.Claimed, 0, null));
        }

        _fixture.StartOnly();
        await _fixture.AnswerAsync();
        await _fixture.HeardAsync("job.done");
        (await _fixture.LedgerAsync(job)).ShouldBe(["done"]);
    }

    [Fact]
    public async Task Schedule_ThatCanBeReadNoMore_PausesItsJobAlone()
    {
        var job = await _fixture.AddAsync();
        await using (var store = await JobStore.OpenAsync(_fixture.Turns.Paths, _fixture.Turns.Time, _fixture.Log))
        {
            await store.UpdateAsync(job.Id, new JobEdit(job.Prompt, "when pigs fly", "UTC", null, job.Policy, _fixture.Now.AddMinutes(1)), job.Version);
        }

        var other = await _fixture.AddAsync("something else");
        _fixture.Pass(1);
        await _fixture.AnswerAsync();
        await _fixture.HeardAsync("job.done");
        (await _fixture.GetAsync(job)).PausedReason.ShouldBe("unknown_form");
        (await _fixture.LedgerAsync(other)).ShouldBe(["done"]);
    }
}
