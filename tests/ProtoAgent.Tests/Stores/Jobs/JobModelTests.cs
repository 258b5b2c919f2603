using CsCheck;
using ProtoAgent.Stores.Jobs;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Jobs;

/// <summary>Any operations in any order, through two stores on one file, do what they do in <see cref="JobModel"/>.</summary>
public sealed class JobModelTests
{
    [Fact]
    public async Task Operations_InAnyOrder_DoAsTheModelDoes() =>
        await Gen.Select(Gen.Int[0, 15], Gen.Int[0, 99], Gen.Int[0, 99]).Array[1, 70].SampleAsync(
            async operations =>
            {
                await using var fixture = new JobFixture();
                var checker = new Checker(fixture, [await fixture.OpenAsync(), await fixture.OpenAsync()]);
                foreach (var (kind, which, x) in operations)
                {
                    await checker.DoAsync(kind, which, x);
                    await checker.CompareAsync();
                }
            },
            iter: 60,
            threads: 1);

    private sealed class Checker(JobFixture fixture, IJobStore[] stores)
    {
        private readonly JobModel _model = new();
        private int _done;

        private IJobStore Store => stores[_done % stores.Length];

        public async Task DoAsync(int kind, int which, int x)
        {
            _done++;
            var job = _model.Jobs.Count == 0 ? null : _model.Jobs[which % _model.Jobs.Count];
            var claimed = _model.Runs.FindAll(r => r.Id is not null);
            var run = claimed.Count == 0 ? null : claimed[which % claimed.Count];
            await (kind switch
            {
                0 or 1 => AddAsync(which, x),
                2 or 3 => AdvanceAsync(x),
                _ when job is null => AddAsync(which, x),
                4 or 5 => ClaimAsync(job, x),
                6 => RecordAsync(job, x),
                7 => PauseAsync(job),
                8 => ResumeAsync(job, x),
                9 => EditAsync(job, x),
                10 when x < 30 => DeleteAsync(job),
                10 or 11 => RunNowAsync(job),
                _ when run is null => RunNowAsync(job),
                12 => StartAsync(run, x),
                13 or 14 => FinishAsync(run, x),
                _ => ClaimAgainAsync(run, x),
            });
        }

        public async Task CompareAsync()
        {
            var jobs = (await Store.ListAsync(500)).Items;
            jobs.Select(j => (j.Id, j.Schedule, j.State, j.NextFire, j.Runs, j.ConsecutiveFailures, j.Version, j.LastStatus)).ShouldBe(
                _model.Jobs.Select(j => (j.Id, j.Schedule, j.State, j.Next, j.Fires, j.Failures, j.Version, j.Last)), ignoreOrder: true);
            (await Store.CountAsync()).ShouldBe(jobs.Count);

            var runs = new List<Run>();
            foreach (var job in jobs)
            {
                runs.AddRange((await Store.RunsAsync(job.Id, 500)).Items);
            }

            foreach (var orphan in _model.Runs.Where(r => r.Orphan))
            {
                runs.Add((await Store.GetRunAsync(orphan.Id!))!);
            }

            runs.Select(r => (r.JobId, r.DueAt, r.Status, r.Fence, r.Attempt, r.Crashes, r.NotBefore, r.JobDeleted)).ShouldBe(
                _model.Runs.Select(r => (r.JobId, r.Due, r.Status, r.Fence, r.Attempt, r.Crashes, r.NotBefore, r.Orphan)), ignoreOrder: true);
            (await Store.UnfinishedRunsAsync()).Select(r => r.Id).ShouldBe(_model.Runs.Where(r => r.Open).Select(r => r.Id!), ignoreOrder: true);
            (await Store.NextDueAsync()).ShouldBe(_model.NextDue);
            var due = await Store.DueAsync(500);
            due.Jobs.Select(j => j.Id).ShouldBe(_model.Jobs.Where(j => j.Next <= fixture.Now).Select(j => j.Id), ignoreOrder: true);
            due.Retries.Select(r => r.Id).ShouldBe(_model.Runs.Where(r => r.NotBefore <= fixture.Now).Select(r => r.Id!), ignoreOrder: true);
        }

        private async Task AddAsync(int which, int x)
        {
            var policy = new JobPolicy
            {
                MaxRuns = x % 4 == 0 ? 2 : null,
                PauseAfterFailures = x % 3 == 0 ? 2 : 0,
                EndAt = x % 5 == 0 ? fixture.In(5) : null,
            };
            var job = new NewJob($"prompt {which % 4}", "every 1m", "UTC", fixture.In(x % 3)) { Policy = policy };
            var twin = _model.Twin(job.Prompt, job.Schedule);
            var added = await Store.AddAsync(job);
            (added.Existed ? added.Job.Id : null).ShouldBe(twin?.Id);
            if (twin is null)
            {
                _model.Jobs.Add(new ModelJob(added.Job.Id, job.Prompt, policy) { Next = job.NextFire });
            }
        }

        private Task AdvanceAsync(int x)
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(x));
            return Task.CompletedTask;
        }

        private async Task ClaimAsync(ModelJob job, int x)
        {
            var due = x % 6 == 0 || job.Next is null ? fixture.In(-1) : job.Next.Value;
            DateTimeOffset? next = x % 7 == 0 ? null : due.AddMinutes(1);
            var (right, taken) = (due == job.Next, _model.Has(job.Id, due));
            int? most = x % 3 == 0 ? 1 : x % 3 == 1 ? 2 : null;
            var overlaps = _model.Open(job) >= most;
            var run = await Store.ClaimAsync(job.Id, due, next, "p", most);
            (run?.Status).ShouldBe(!right || taken ? null : overlaps ? RunStatus.Skipped : RunStatus.Claimed);
            if (run is { Status: RunStatus.Skipped })
            {
                run.Reason.ShouldBe(JobReasons.Overlap);
                _model.Settle(job, due, RunStatus.Skipped);
            }
            else if (run is not null)
            {
                _model.Runs.Add(new ModelRun(job.Id, due, RunStatus.Claimed, run));
                (job.Fires, job.Last) = (job.Fires + 1, RunStatus.Claimed);
            }

            if (right)
            {
                JobModel.Place(job, next);
            }
        }

        private async Task RecordAsync(ModelJob job, int x)
        {
            var first = x % 6 == 0 || job.Next is null ? fixture.In(-1) : job.Next.Value;
            DateTimeOffset[] due = [.. Enumerable.Range(0, 1 + (x % 3)).Select(i => first.AddMinutes(i))];
            var next = due[^1].AddMinutes(1);
            (await Store.RecordAsync(job.Id, due, next, RunStatus.Missed, "x")).ShouldBe(first == job.Next);
            if (first == job.Next)
            {
                Array.ForEach(due, d => _model.Settle(job, d, RunStatus.Missed));
                JobModel.Place(job, next);
            }
        }

        private async Task PauseAsync(ModelJob job)
        {
            await Store.PauseAsync(job.Id);
            _model.Pause(job, fixture.Now);
        }

        private async Task ResumeAsync(ModelJob job, int x)
        {
            // Sometimes a time that is over, and may have its row.
            DateTimeOffset? next = x % 9 == 0 ? null : fixture.In((x % 4) - 2);
            var wouldStand = next is not null && !(job.Fires >= job.Policy.MaxRuns) && !(next > job.Policy.EndAt);
            if (job.State != JobState.Active && wouldStand && _model.Twin(job.Prompt, job.Schedule, job) is { } twin)
            {
                (await Should.ThrowAsync<JobConflictException>(Store.ResumeAsync(job.Id, next))).JobId.ShouldBe(twin.Id);
                return;
            }

            await Store.ResumeAsync(job.Id, next);
            if (job.State != JobState.Active)
            {
                JobModel.Place(job, next);
                (job.Failures, job.Version) = (0, job.Version + 1);
            }
        }

        /// <summary>Of the schedule alone, to one of the job's own, so that it becomes no other's twin.</summary>
        private async Task EditAsync(ModelJob job, int x)
        {
            var schedule = x % 2 == 0 ? job.Schedule : $"{job.Id} {x}";
            var edit = new JobEdit(job.Prompt, schedule, "UTC", null, job.Policy, fixture.In(1 + (x % 2)));
            var stands = job.State == JobState.Active && schedule == job.Schedule;
            if (x % 8 == 0)
            {
                await Should.ThrowAsync<StaleJobException>(Store.UpdateAsync(job.Id, edit, job.Version - 1));
                return;
            }

            if (job.State == JobState.Ended && _model.Twin(job.Prompt, schedule, job) is not null)
            {
                return;
            }

            await Store.UpdateAsync(job.Id, edit, job.Version);
            (job.Schedule, job.Version) = (schedule, job.Version + 1);
            if (job.State != JobState.Paused && !stands)
            {
                var before = job.Next;
                JobModel.Place(job, edit.NextFire);
                if (before <= fixture.Now)
                {
                    _model.Settle(job, before.Value, RunStatus.Skipped);
                }
            }
        }

        private async Task DeleteAsync(ModelJob job)
        {
            (await Store.DeleteAsync(job.Id)).ShouldBeTrue();
            _model.Delete(job);
        }

        private async Task RunNowAsync(ModelJob job)
        {
            var run = (await Store.RunNowAsync(job.Id, "p"))!;
            (_model.Has(job.Id, run.DueAt) || run.DueAt == job.Next).ShouldBeFalse();
            _model.Runs.Add(new ModelRun(job.Id, run.DueAt, RunStatus.Claimed, run));
            job.Last = RunStatus.Claimed;
        }

        private async Task StartAsync(ModelRun run, int x)
        {
            var fence = run.Fence - (x % 4 == 0 ? 1 : 0);
            if (run.Status != RunStatus.Claimed || fence != run.Fence)
            {
                await Should.ThrowAsync<StaleFenceException>(Store.StartAsync(run.Id!, fence, "t"));
                return;
            }

            await Store.StartAsync(run.Id!, fence, "t");
            run.Status = RunStatus.Running;
            _model.Jobs.Find(j => j.Id == run.JobId && !run.Orphan)?.Last = RunStatus.Running;
        }

        private async Task FinishAsync(ModelRun run, int x)
        {
            var fence = run.Fence - (x % 7 == 0 ? 1 : 0);
            var status = (x % 4) switch { 0 => RunStatus.Done, 1 => RunStatus.Skipped, _ => RunStatus.Failed };
            DateTimeOffset? retryAt = status == RunStatus.Failed && x % 3 == 0 ? fixture.In(0.5) : null;
            if (!run.Open || fence != run.Fence)
            {
                await Should.ThrowAsync<StaleFenceException>(Store.FinishAsync(run.Id!, fence, status, "e", retryAt));
                return;
            }

            await Store.FinishAsync(run.Id!, fence, status, "e", retryAt);
            _model.Finish(run, status, retryAt, fixture.Now);
        }

        private async Task ClaimAgainAsync(ModelRun run, int x)
        {
            var fence = run.Fence - (x % 4 == 0 ? 1 : 0);
            var right = run.Open ? fence == run.Fence : run.NotBefore <= fixture.Now;
            var again = run.Open ? await Store.TakeOverAsync(run.Id!, fence, "p2") : await Store.ClaimRetryAsync(run.Id!, "p2");
            (again is not null).ShouldBe(right);
            if (again is not null)
            {
                again.Fence.ShouldBeGreaterThan(_model.Runs.Max(r => r.Fence));
                (run.Fence, run.Attempt, run.Crashes) = (again.Fence, run.Attempt + (run.Open ? 0 : 1), !run.Open ? 0 : run.Crashes + (run.Status == RunStatus.Running ? 1 : 0));
                (run.Status, run.NotBefore) = (RunStatus.Claimed, null);
            }
        }
    }
}
