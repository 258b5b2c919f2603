using ProtoAgent.Stores.Jobs;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Jobs;

/// <summary>What people do to jobs.</summary>
public sealed class JobContractTests : IAsyncLifetime
{
    private readonly JobFixture _fixture = new();
    private IJobStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await _fixture.OpenAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Add_AllFields_AreReadBack()
    {
        var policy = new JobPolicy
        {
            Missed = MissedFires.FireAll,
            MissedWindow = TimeSpan.FromHours(2),
            Overlap = Overlap.QueueOne,
            Retries = 0,
            RetryBackoff = TimeSpan.FromSeconds(5),
            Jitter = TimeSpan.FromSeconds(7),
            EndAt = _fixture.In(100),
            MaxRuns = 9,
            PauseAfterFailures = 4,
        };
        var anchor = _fixture.In(-5);
        var added = await _store.AddAsync(_fixture.New(policy: policy, id: "daily.report") with { SessionId = "s", Anchor = anchor });

        added.Existed.ShouldBeFalse();
        added.Job.ShouldBe(new Job
        {
            Id = "daily.report",
            Prompt = "water the plants",
            Schedule = "every 1m",
            Timezone = "UTC",
            SessionId = "s",
            State = JobState.Active,
            NextFire = _fixture.In(1),
            CreatedAt = _fixture.Now,
            UpdatedAt = _fixture.Now,
            Version = 1,
            Anchor = anchor,
            Policy = policy,
        });
        (await _store.GetAsync("daily.report")).ShouldBe(added.Job);
        (await _store.GetAsync("none")).ShouldBeNull();
    }

    [Fact]
    public async Task Add_TheSameAgain_IsTheJobThatExists()
    {
        var first = await _fixture.AddAsync(_store);
        var again = await _store.AddAsync(_fixture.New(id: "other") with { NextFire = _fixture.In(9) });
        (again.Existed, again.Job).ShouldBe((true, first));
        (await _store.AddAsync(_fixture.New() with { SessionId = "" })).Existed.ShouldBeFalse("another session");
        (await _store.AddAsync(_fixture.New() with { Timezone = "Europe/Rome" })).Existed.ShouldBeFalse();
        (await _store.CountAsync()).ShouldBe(3);

        await _store.PauseAsync(first.Id);
        (await _store.AddAsync(_fixture.New())).Job.Enabled.ShouldBeFalse("it is there, and the caller sees that it is paused");
    }

    [Fact]
    public async Task Add_TheSameAsOneThatEnded_IsANewJob()
    {
        var job = await _fixture.AddAsync(_store);
        (await _store.ClaimAsync(job.Id, job.NextFire!.Value, null, "p1")).ShouldNotBeNull();
        var again = await _store.AddAsync(_fixture.New());
        again.Existed.ShouldBeFalse();

        var conflict = await Should.ThrowAsync<JobConflictException>(_store.ResumeAsync(job.Id, _fixture.In(5)));
        conflict.JobId.ShouldBe(again.Job.Id);
        (await _store.GetAsync(job.Id))!.State.ShouldBe(JobState.Ended);
    }

    [Fact]
    public async Task Add_AnIdThatIsTaken_IsAConflict()
    {
        await _fixture.AddAsync(_store, _fixture.New(id: "a"));
        (await Should.ThrowAsync<JobConflictException>(_store.AddAsync(_fixture.New("other", id: "a")))).JobId.ShouldBe("a");
        (await _store.CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Add_BadInput_SaysWhatToDo()
    {
        var good = _fixture.New();
        foreach (var (bad, word) in new (NewJob, string)[]
        {
            (good with { Id = "a b" }, "A-Z"),
            (good with { Id = "" }, "leave it out"),
            (good with { Prompt = " " }, "prompt"),
            (good with { Timezone = "" }, "time zone"),
            (good with { Policy = new JobPolicy { MaxRuns = 0 } }, "max_runs"),
            (good with { Policy = new JobPolicy { Retries = 101 } }, "retries"),
            (good with { Policy = new JobPolicy { Jitter = TimeSpan.FromTicks(-1) } }, "jitter"),
            (good with { Policy = new JobPolicy { EndAt = _fixture.Now } }, "end_at"),
        })
        {
            (await Should.ThrowAsync<ArgumentException>(async () => await _store.AddAsync(bad))).Message.ShouldContain(word);
        }

        (await _store.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task List_InPages_NewestFirstEachOnce()
    {
        for (var i = 0; i < 7; i++)
        {
            await _fixture.AddAsync(_store, _fixture.New($"p{i}", id: $"job{i}"));
            _fixture.Time.Advance(i % 2 == 0 ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
        }

        var (seen, cursor) = (new List<string>(), default(string));
        do
        {
            var page = await _store.ListAsync(3, cursor);
            seen.AddRange(page.Items.Select(j => j.Id));
            cursor = page.Next;
        }
        while (cursor is not null);
        seen.ShouldBe(["job6", "job5", "job4", "job3", "job2", "job1", "job0"]);
        await Should.ThrowAsync<ArgumentException>(async () => await _store.ListAsync(3, "nonsense"));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await _store.ListAsync(0));
    }

    [Fact]
    public async Task Update_Everything_KeepsIdentityAndWhatHappened()
    {
        var job = await _fixture.AddAsync(_store);
        var run = await _fixture.ClaimAsync(_store, job.Id);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));

        var edited = (await _store.UpdateAsync(
            job.Id, new JobEdit("q", "0 9 * * *", "Europe/Rome", "s", new JobPolicy { Retries = 1 }, _fixture.In(30)) { Anchor = _fixture.In(2) }, version: 1))!;

        edited.ShouldBe(await _store.GetAsync(job.Id));
        (edited.Id, edited.CreatedAt, edited.LastFire, edited.Runs).ShouldBe((job.Id, job.CreatedAt, run.DueAt, 1));
        (edited.Prompt, edited.Schedule, edited.Timezone, edited.SessionId, edited.Policy.Retries).ShouldBe(("q", "0 9 * * *", "Europe/Rome", "s", 1));
        (edited.NextFire, edited.Anchor, edited.UpdatedAt, edited.Version).ShouldBe((_fixture.In(30), _fixture.In(2), _fixture.Now, 2));
        (await _store.FinishAsync(run.Id, run.Fence, RunStatus.Done)).Job!.Prompt.ShouldBe("q", "an end does not undo the edit");
    }

    [Fact]
    public async Task Update_OnAnOldVersion_IsStaleAndAFireIsNone()
    {
        var job = await _fixture.AddAsync(_store);
        await _fixture.ClaimAsync(_store, job.Id);
        var edit = Edit(job) with { Prompt = "q" };
        (await _store.UpdateAsync(job.Id, edit, 1))!.Version.ShouldBe(2);
        await Should.ThrowAsync<StaleJobException>(_store.UpdateAsync(job.Id, edit with { Prompt = "lost" }, 1));
        (await _store.GetAsync(job.Id))!.Prompt.ShouldBe("q");
        (await _store.UpdateAsync("none", edit, 1)).ShouldBeNull();
    }

    [Fact]
    public async Task Update_OfThePromptWhenAFireIsDue_LeavesItDue()
    {
        var job = await _fixture.AddAsync(_store);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1.5));
        var edited = (await _store.UpdateAsync(job.Id, Edit(job) with { Prompt = "q", NextFire = _fixture.In(0.5) }, 1))!;
        edited.NextFire.ShouldBe(job.NextFire);
        (await _store.RunsAsync(job.Id, 10)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Update_OfTheScheduleWhenAFireIsDue_RecordsItAsSkipped()
    {
        var job = await _fixture.AddAsync(_store);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1.5));
        var edited = (await _store.UpdateAsync(job.Id, Edit(job) with { Schedule = "every 2m", NextFire = _fixture.In(2) }, 1))!;
        (edited.NextFire, edited.LastStatus).ShouldBe((_fixture.In(2), RunStatus.Skipped));
        var run = (await _store.RunsAsync(job.Id, 10)).Items.ShouldHaveSingleItem();
        (run.DueAt, run.Status, run.Reason, run.Fence).ShouldBe((job.NextFire!.Value, RunStatus.Skipped, JobReasons.Edited, 0));
    }

    [Fact]
    public async Task Update_IntoACopyOfAnother_IsAConflict()
    {
        var a = await _fixture.AddAsync(_store, _fixture.New("a"));
        var b = await _fixture.AddAsync(_store, _fixture.New("b"));
        (await Should.ThrowAsync<JobConflictException>(_store.UpdateAsync(b.Id, Edit(a), 1))).JobId.ShouldBe(a.Id);
        (await _store.GetAsync(b.Id)).ShouldBe(b);
    }

    [Fact]
    public async Task Update_OfAJobThatEnded_GivesItANextFireIfThePolicyAllows()
    {
        var job = await _fixture.AddAsync(_store, _fixture.New(policy: new JobPolicy { MaxRuns = 1 }));
        await _fixture.ClaimAsync(_store, job.Id);
        var ended = (await _store.GetAsync(job.Id))!;
        (ended.State, ended.NextFire, ended.PausedReason).ShouldBe((JobState.Ended, null, JobReasons.MaxRuns));

        (await _store.UpdateAsync(job.Id, Edit(job) with { Prompt = "q", NextFire = _fixture.In(1) }, 1))!.State.ShouldBe(JobState.Ended);
        var active = (await _store.UpdateAsync(job.Id, Edit(job) with { Policy = new JobPolicy { MaxRuns = 2 }, NextFire = _fixture.In(1) }, 2))!;
        (active.State, active.NextFire, active.PausedReason).ShouldBe((JobState.Active, _fixture.In(1), null));
    }

    [Fact]
    public async Task Pause_AndResume_NothingIsDueBetween()
    {
        var job = await _fixture.AddAsync(_store);
        var paused = (await _store.PauseAsync(job.Id, "because"))!;
        (paused.State, paused.Enabled, paused.NextFire, paused.PausedReason, paused.Version).ShouldBe((JobState.Paused, false, null, "because", 2));
        (await _store.NextDueAsync()).ShouldBeNull();
        (await _store.ClaimAsync(job.Id, job.NextFire!.Value, _fixture.In(2), "p1")).ShouldBeNull();
        (await _store.PauseAsync(job.Id)).ShouldBe(paused, "the first reason stands");
        (await _store.UpdateAsync(job.Id, Edit(job) with { Prompt = "q", NextFire = _fixture.In(3) }, 2))!.State.ShouldBe(JobState.Paused);

        var resumed = (await _store.ResumeAsync(job.Id, _fixture.In(5)))!;
        (resumed.Enabled, resumed.NextFire, resumed.PausedReason).ShouldBe((true, _fixture.In(5), null));
        (await _store.ResumeAsync(job.Id, _fixture.In(9))).ShouldBe(resumed, "it is active");
        (await _store.NextDueAsync()).ShouldBe(_fixture.In(5));
        (await _store.PauseAsync("none")).ShouldBeNull();
        (await _store.ResumeAsync("none", _fixture.Now)).ShouldBeNull();
    }

    [Fact]
    public async Task Pause_WhenAFireIsDue_RecordsItAsSkipped()
    {
        var job = await _fixture.AddAsync(_store);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await _store.PauseAsync(job.Id);
        var run = (await _store.RunsAsync(job.Id, 10)).Items.ShouldHaveSingleItem();
        (run.DueAt, run.Status, run.Reason).ShouldBe((_fixture.Now, RunStatus.Skipped, JobReasons.Paused));
    }

    [Fact]
    public async Task Delete_WhileOneRunsAndOneIsClaimed_TheFirstEndsAndTheSecondNeverStarts()
    {
        var job = await _fixture.AddAsync(_store, _fixture.New(id: "a"));
        var running = await _fixture.ClaimAsync(_store, job.Id);
        await _store.StartAsync(running.Id, running.Fence, "t");
        var claimed = await _fixture.ClaimAsync(_store, job.Id);

        (await _store.DeleteAsync(job.Id)).ShouldBeTrue();
        (await _store.DeleteAsync(job.Id)).ShouldBeFalse();
        await Should.ThrowAsync<StaleFenceException>(_store.StartAsync(claimed.Id, claimed.Fence, "t2"));
        (await _store.UnfinishedRunsAsync()).ShouldHaveSingleItem().Id.ShouldBe(running.Id);

        // Another of the same id has nothing to do with it.
        var reborn = await _fixture.AddAsync(_store, _fixture.New("other", id: "a"));
        var end = await _store.FinishAsync(running.Id, running.Fence, RunStatus.Failed, "no", retryAt: _fixture.In(1));
        (end.Job, end.Run.NotBefore, end.Run.Status, end.Run.JobDeleted).ShouldBe((null, null, RunStatus.Failed, true));
        (await _store.GetAsync("a")).ShouldBe(reborn);
        (await _store.RunsAsync("a", 10)).Items.ShouldBeEmpty();
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        (await _store.PruneRunsAsync(_fixture.Now)).ShouldBe(1);
        (await _store.GetRunAsync(running.Id)).ShouldBeNull();
    }

    private static JobEdit Edit(Job job) => new(job.Prompt, job.Schedule, job.Timezone, job.SessionId, job.Policy, job.NextFire);
}
