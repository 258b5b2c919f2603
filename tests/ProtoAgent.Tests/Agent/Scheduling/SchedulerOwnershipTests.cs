using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Scheduling;
using ProtoAgent.Instances.Identity;
using ProtoAgent.Instances.Ownership;
using ProtoAgent.Instances.Paths;
using ProtoAgent.Stores.Jobs;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Scheduling;

/// <summary>Whose the schedule is, and what those do who don't have it.</summary>
public sealed class SchedulerOwnershipTests
{
    [Fact]
    public async Task Start_WhileAnotherOwnsIt_SaysSoServesReadsAndTakesOver()
    {
        await using var fixture = await new SchedulerFixture().StartAsync();
        var job = await fixture.AddAsync();
        var second = fixture.Another();
        second.Start();

        var status = second.Status;
        (status.State, status.Owner?.Pid, status.Owner?.Port, status.Owner?.Instance).ShouldBe((SchedulerState.Waiting, 4711, 7871, "alice"));
        var error = fixture.Log.Lines.Single(l => l.Level == LogLevel.Error).Text;
        error.ShouldContain(
            $"""
            [scheduler] jobs.db at {fixture.Turns.Paths.Jobs} is already owned by another live instance —
            not starting the scheduler. Run each instance with a distinct
            PROTOAGENT_INSTANCE (or agent name) so they don't share a jobs.db.
            """);
        error.ShouldContain("pid 4711");
        error.ShouldContain("port 7871");
        error.ShouldContain("instance alice");
        second.Warnings().ShouldHaveSingleItem().Code.ShouldBe("scheduler_waiting");

        (await second.Desk.GetAsync(job.Id, CancellationToken.None))!.Prompt.ShouldBe(job.Prompt);
        (await second.Desk.ListAsync(10, null, CancellationToken.None)).Items.ShouldHaveSingleItem();
        var refused = await Should.ThrowAsync<SchedulerNotOwnedException>(second.Desk.AddAsync(new JobDraft("x", "every 1m"), CancellationToken.None));
        refused.Message.ShouldContain("7871");
        await Should.ThrowAsync<SchedulerNotOwnedException>(second.Desk.DeleteAsync(job.Id, CancellationToken.None));
        await Should.ThrowAsync<SchedulerNotOwnedException>(second.Desk.RunNowAsync(job.Id, CancellationToken.None));

        // What was missed while nobody owned it is the new owner's to make up for.
        await fixture.Scheduler.DisposeAsync();
        await fixture.HeardAsync("scheduler.running");
        second.Status.State.ShouldBe(SchedulerState.Running);
        fixture.Pass(1);
        await fixture.AnswerAsync();
        await fixture.HeardAsync("job.done");
        (await second.Desk.PauseAsync(job.Id, CancellationToken.None))!.State.ShouldBe(JobState.Paused);
    }

    [Fact]
    public async Task Desk_AskedBeforeTheScheduleIsTaken_WaitsForThatAndIsNotTurnedAway()
    {
        await using var fixture = new SchedulerFixture();
        await fixture.Turns.StartAsync();
        var scheduler = fixture.Another();
        var adding = scheduler.Desk.AddAsync(new JobDraft("x", "every 1m"), CancellationToken.None);
        var counting = scheduler.CountAsync(CancellationToken.None);
        (adding.IsCompleted, counting.IsCompleted).ShouldBe((false, false));

        scheduler.Start();
        (await adding).Job.Prompt.ShouldBe("x");
        (await counting).ShouldBeInRange(0, 1);
    }

    [Fact]
    public async Task Lock_FileDeletedUnderTheOwner_NothingFiresUntilItIsTakenAgain()
    {
        await using var fixture = await new SchedulerFixture().StartAsync();
        var job = await fixture.AddAsync();
        File.Delete(fixture.Turns.Paths.Jobs + ".lock");
        fixture.Pass(1);
        await fixture.AnswerAsync();
        await fixture.HeardAsync("job.done");
        fixture.Log.Lines.ShouldContain(l => l.Level == LogLevel.Error && l.Text.Contains("was deleted or replaced"));
        (await fixture.LedgerAsync(job)).ShouldBe(["done"]);
        File.Exists(fixture.Turns.Paths.Jobs + ".lock").ShouldBeTrue();
    }

    [Fact]
    public async Task Lock_FileReplacedByOneThatAnotherHolds_TheFormerOwnerClaimsNothing()
    {
        await using var fixture = await new SchedulerFixture().StartAsync();
        var job = await fixture.AddAsync();

        // As another process would: this one's own guard knows paths, not files. In one step, or this one might be the first to take it.
        using var theirs = File.Open(fixture.Turns.Paths.Jobs + ".theirs", FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        File.Move(theirs.Name, fixture.Turns.Paths.Jobs + ".lock", overwrite: true);
        fixture.Pass(1);
        await fixture.HeardAsync("scheduler.waiting");
        (await fixture.LedgerAsync(job)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Scheduler_WhoseStateCantBeTold_FiresAllTheSame()
    {
        await using var fixture = new SchedulerFixture();
        await fixture.Turns.StartAsync();
        fixture.StartOnly(fixture.Services() with { Publish = (_, _) => throw new InvalidOperationException("A warning could not be told.") });
        await fixture.HeardAsync("scheduler.running");
        await fixture.AddAsync();
        fixture.Pass(1);
        (await fixture.Turns.Model.NextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30))).Answer("done");
        await fixture.HeardAsync("job.done");
    }

    [Fact]
    public async Task Scheduler_ThatBreaksOff_LeavesTheScheduleToASiblingAndEndsWhatItRuns()
    {
        await using var fixture = new SchedulerFixture();
        await fixture.Turns.StartAsync();

        // The run is claimed, its next due time is told, and then the loop that claims breaks.
        var (breaks, after) = (true, fixture.Now.AddMinutes(2));
        var scheduler = fixture.StartOnly(fixture.Services() with
        {
            Publish = (_, next) =>
            {
                if (next == after && Interlocked.Exchange(ref breaks, false))
                {
                    throw new OperationCanceledException("Something cancelled what nobody stopped.");
                }
            },
        });
        await fixture.HeardAsync("scheduler.running");
        var job = await fixture.AddAsync();
        var later = await fixture.AddAsync("later", "every 3m");
        var sibling = fixture.Another(fixture.Services() with { Runner = "p2" });
        sibling.Start();
        sibling.Status.State.ShouldBe(SchedulerState.Waiting);

        fixture.Pass(1);
        await fixture.HeardAsync("scheduler.disabled");
        scheduler.Warnings().ShouldContain(w => w.Code == "scheduler_broken");
        await fixture.HeardAsync("scheduler.running");
        sibling.Status.State.ShouldBe(SchedulerState.Running);
        (await Should.ThrowAsync<SchedulerNotOwnedException>(scheduler.Desk.PauseAsync(job.Id, CancellationToken.None))).Message.ShouldContain("Restart the instance");

        // The sibling leaves it alone: its process lives. It ends where it began, once.
        var held = await fixture.Turns.Model.NextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        (await sibling.Desk.RunsAsync(job.Id, 10, null, CancellationToken.None)).Items.ShouldHaveSingleItem().Runner.ShouldBe(fixture.Turns.Process);
        held.Answer("done");
        await fixture.HeardAsync("job.done");
        var run = (await sibling.Desk.RunsAsync(job.Id, 10, null, CancellationToken.None)).Items.ShouldHaveSingleItem();
        (run.Status, run.Attempt, run.Crashes, run.Runner).ShouldBe((RunStatus.Done, 1, 0, fixture.Turns.Process));

        // What is due from now on is the sibling's.
        await sibling.Desk.DeleteAsync(job.Id, CancellationToken.None);
        fixture.Pass(2);
        await fixture.AnswerAsync();
        await fixture.HeardAsync("job.done");
        (await sibling.Desk.RunsAsync(later.Id, 10, null, CancellationToken.None)).Items.ShouldHaveSingleItem().Runner.ShouldBe("p2");
        fixture.Turns.Model.IsAsked.ShouldBeFalse();
    }

    [Fact]
    public void IsHeld_FreeHeldAndFreeAgain_WritesNothing()
    {
        using var folder = new TempFolder();
        var (paths, self) = (folder.Paths(), new LockHolder(1, 2, "bob", "protoagent", "here", DateTimeOffset.UnixEpoch, "1"));
        OwnerLock.IsHeld(paths.Jobs).ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
        using (OwnerLock.TryAcquire(paths.Jobs, self, out _))
        {
            OwnerLock.IsHeld(paths.Jobs).ShouldBeTrue();
            var refused = Scheduler.Refused(paths);
            refused.ExitCode.ShouldBe(75);
            refused.Message.ShouldContain("already owned by another live instance");
            refused.Message.ShouldContain("instance bob");
        }

        OwnerLock.IsHeld(paths.Jobs).ShouldBeFalse();
    }

    [Fact]
    public async Task Disabled_ReadsAndRefusesWrites()
    {
        await using var fixture = await new SchedulerFixture().StartAsync();
        var off = new Scheduler(Services(fixture, enabled: false));
        off.Start();
        off.Status.State.ShouldBe(SchedulerState.Disabled);
        (await off.Desk.ListAsync(10, null, CancellationToken.None)).Items.ShouldBeEmpty();
        (await Should.ThrowAsync<SchedulerNotOwnedException>(off.Desk.AddAsync(new JobDraft("x", "every 1m"), CancellationToken.None))).Message.ShouldContain("scheduler.enabled");
        await off.DisposeAsync();
    }

    [Fact]
    public async Task Start_WithoutAJob_MakesNoFileUntilThereIsOne()
    {
        await using var fixture = await new SchedulerFixture().StartAsync();
        (await fixture.Desk.ListAsync(10, null, CancellationToken.None)).Items.ShouldBeEmpty();
        (await fixture.Scheduler.CountAsync(CancellationToken.None)).ShouldBe(0);
        File.Exists(fixture.Turns.Paths.Jobs).ShouldBeFalse();
        fixture.Scheduler.Status.State.ShouldBe(SchedulerState.Running);
        var job = await fixture.AddAsync();
        fixture.Pass(1);
        await fixture.AnswerAsync();
        await fixture.HeardAsync("job.done");
        (await fixture.LedgerAsync(job)).ShouldBe(["done"]);
    }

    [Fact]
    public async Task Store_ThatCantBeOpened_SaysWhyAndGoesOnOnceMended()
    {
        await using var fixture = new SchedulerFixture();
        Directory.CreateDirectory(Path.GetDirectoryName(fixture.Turns.Paths.Jobs)!);
        File.WriteAllText(fixture.Turns.Paths.Jobs, "this is no database, and long enough to be looked at as one. " + new string('x', 200));
        await fixture.Turns.StartAsync();
        var scheduler = fixture.StartOnly();
        await fixture.HeardAsync("scheduler.disabled");
        scheduler.Status.Code.ShouldBe("store_corrupt");
        scheduler.Warnings().ShouldHaveSingleItem().Message.ShouldContain(fixture.Turns.Paths.Jobs);
        (await Should.ThrowAsync<ProtoAgent.Stores.StoreException>(scheduler.Desk.ListAsync(1, null, CancellationToken.None))).Code.ShouldBe("store_corrupt");

        File.Delete(fixture.Turns.Paths.Jobs);
        await fixture.Turns.Time.PassAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        await fixture.HeardAsync("scheduler.running");
        await fixture.AddAsync();
    }

    [Theory]
    [InlineData(1, "jobs_adopted")]
    [InlineData(2, "jobs_of_another_name")]
    public async Task Start_UnderANewName_AdoptsWhatIsUnambiguousAndNamesWhatIsNot(int others, string code)
    {
        await using var fixture = new SchedulerFixture();
        for (var i = 0; i < others; i++)
        {
            await using var old = await JobStore.OpenAsync(Named(fixture, $"old{i}"), fixture.Turns.Time, fixture.Log);
            await old.AddAsync(new NewJob($"of old{i}", "every 1m", "UTC", fixture.Now.AddMinutes(1)));
        }

        await fixture.StartAsync();
        await fixture.Desk.ListAsync(1, null, CancellationToken.None);
        fixture.Scheduler.Warnings().Select(w => w.Code).ShouldBe(Enumerable.Repeat(code, others));
        (await fixture.Desk.ListAsync(10, null, CancellationToken.None)).Items.Select(j => j.Prompt).ShouldBe(others == 1 ? ["of old0"] : []);
        File.Exists(Named(fixture, "old0").Jobs).ShouldBe(others > 1);
    }

    [Fact]
    public async Task Start_UnderANewName_WhileTheOldOneIsWorked_TouchesNothing()
    {
        await using var fixture = new SchedulerFixture();
        await using (var old = await JobStore.OpenAsync(Named(fixture, "old"), fixture.Turns.Time, fixture.Log))
        {
            await old.AddAsync(new NewJob("its own", "every 1m", "UTC", fixture.Now.AddMinutes(1)));
        }

        using var lease = OwnerLock.TryAcquire(Named(fixture, "old").Jobs, new LockHolder(1, 2, "alice", "old", "here", fixture.Now, "1"), out _);
        await fixture.StartAsync();
        await fixture.Desk.ListAsync(1, null, CancellationToken.None);
        fixture.Scheduler.Warnings().ShouldBeEmpty();
        File.Exists(Named(fixture, "old").Jobs).ShouldBeTrue();
    }

    private static InstancePaths Named(SchedulerFixture fixture, string agent)
    {
        var paths = fixture.Turns.Paths;
        return InstancePaths.Resolve(paths.Identity, AgentName.Parse(agent, "test"), paths.DataHome);
    }

    private static SchedulerServices Services(SchedulerFixture fixture, bool enabled) => fixture.Services() with { Options = new SchedulerOptions { Enabled = enabled } };
}
