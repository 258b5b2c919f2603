using Microsoft.Data.Sqlite;
using ProtoAgent.Stores.Jobs;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Stores.Jobs;

/// <summary>Many processes: each opened store on the file stands for one.</summary>
public sealed class JobConcurrencyTests : IAsyncLifetime
{
    private readonly JobFixture _fixture = new();
    private IJobStore _here = null!;
    private IJobStore _there = null!;

    public async ValueTask InitializeAsync()
    {
        _here = await _fixture.OpenAsync();
        _there = await _fixture.OpenAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Claim_ManyRaceForEverySlot_OneRowEach()
    {
        var job = await _fixture.AddAsync(_here);
        var first = job.NextFire!.Value;
        var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var (store, claimed) = (i % 2 == 0 ? _here : _there, new List<Run>());
            for (var slot = 0; slot < 25; slot++)
            {
                var due = first.AddMinutes(slot);
                while ((await store.GetAsync(job.Id))!.NextFire <= due)
                {
                    if (await store.ClaimAsync(job.Id, due, due.AddMinutes(1), $"p{i}") is { } run)
                    {
                        claimed.Add(run);
                    }
                }
            }

            return claimed;
        })));

        var runs = (await _there.RunsAsync(job.Id, 100)).Items;
        won.SelectMany(r => r).OrderByDescending(r => r.DueAt).ShouldBe(runs);
        runs.Select(r => r.DueAt).ShouldBe(Enumerable.Range(0, 25).Select(i => first.AddMinutes(24 - i)));
        runs.Select(r => r.Fence).ShouldBeInOrder(SortDirection.Descending);
        (await _here.GetAsync(job.Id))!.Runs.ShouldBe(25);
    }

    [Fact]
    public async Task Add_TheSameFromEverywhereAtOnce_IsOneJob()
    {
        var added = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => (i % 2 == 0 ? _here : _there).AddAsync(_fixture.New()))));
        added.Count(a => !a.Existed).ShouldBe(1);
        added.Select(a => a.Job.Id).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task TakeOver_OfADeadRunnersRun_OneAloneAndTheDeadOneCanWriteNoMore()
    {
        var job = await _fixture.AddAsync(_here);
        var run = await _fixture.ClaimAsync(_here, job.Id, "dead");
        await _here.StartAsync(run.Id, run.Fence, "turn");

        var found = (await _there.UnfinishedRunsAsync()).ShouldHaveSingleItem();
        (found.Runner, found.Status, found.TurnId).ShouldBe(("dead", RunStatus.Running, "turn"));
        var taken = await Task.WhenAll(_here.TakeOverAsync(run.Id, found.Fence, "p1"), _there.TakeOverAsync(run.Id, found.Fence, "p2"));
        var mine = taken.OfType<Run>().ShouldHaveSingleItem();
        (mine.Status, mine.Attempt, mine.Crashes, mine.TurnId, mine.DueAt).ShouldBe((RunStatus.Claimed, 1, 1, "turn", run.DueAt));

        // It was only thought dead (a container paused).
        await Should.ThrowAsync<StaleFenceException>(_here.StartAsync(run.Id, run.Fence, "ghost"));
        await Should.ThrowAsync<StaleFenceException>(_here.FinishAsync(run.Id, run.Fence, RunStatus.Done));
        await _there.StartAsync(mine.Id, mine.Fence, "turn2");
        await _there.FinishAsync(mine.Id, mine.Fence, RunStatus.Done);
        (await _here.TakeOverAsync(run.Id, mine.Fence, "p1")).ShouldBeNull("it has ended");
        (await _here.UnfinishedRunsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Reopen_AfterEverything_HasAllAndFencesGrowOn()
    {
        var job = await _fixture.AddAsync(_here);
        var run = await _fixture.ClaimAsync(_here, job.Id);
        var (before, jobBefore) = ((await _here.RunsAsync(job.Id, 10)).Items, await _here.GetAsync(job.Id));
        await _here.DisposeAsync();
        await _there.DisposeAsync();

        var reopened = await _fixture.OpenAsync();
        (await reopened.GetAsync(job.Id)).ShouldBe(jobBefore);
        (await reopened.RunsAsync(job.Id, 10)).Items.ShouldBe(before);
        (await reopened.CountAsync()).ShouldBe(1);
        (await _fixture.ClaimAsync(reopened, job.Id)).Fence.ShouldBeGreaterThan(run.Fence);
    }

    [Theory]
    [InlineData("INSERT INTO runs (job_id, due_at, id, status, fence, attempt) VALUES ('j', 1, 'b', 'claimed', 2, 1)", "UNIQUE")]
    [InlineData("UPDATE runs SET status = 'done' WHERE id = 'a'", "CHECK")]
    [InlineData("UPDATE runs SET not_before = 5 WHERE id = 'a'", "CHECK")]
    public async Task Database_WhatMayNotBe_IsRefusedByTheFileItself(string sql, string constraint)
    {
        await using var raw = await RawAsync();
        await ExecuteAsync(raw, "INSERT INTO runs (job_id, due_at, id, status, fence, attempt) VALUES ('j', 1, 'a', 'claimed', 1, 1)");
        (await Should.ThrowAsync<SqliteException>(() => ExecuteAsync(raw, sql))).Message.ShouldContain(constraint);
    }

    [Theory]
    [InlineData("SELECT MIN(next_fire) FROM jobs WHERE next_fire IS NOT NULL", "jobs_due")]
    [InlineData("SELECT MIN(not_before) FROM runs WHERE not_before IS NOT NULL", "runs_retry")]
    [InlineData("SELECT prompt FROM jobs WHERE next_fire <= 5 ORDER BY next_fire, id LIMIT 5", "jobs_due")]
    [InlineData("SELECT error FROM runs WHERE not_before <= 5 ORDER BY not_before LIMIT 5", "runs_retry")]
    [InlineData("SELECT error FROM runs INDEXED BY runs_open WHERE finished_at IS NULL ORDER BY claimed_at", "runs_open")]
    [InlineData("SELECT prompt FROM jobs WHERE id = 'j'", "sqlite_autoindex_jobs")]
    [InlineData("SELECT error FROM runs WHERE id = 'r'", "sqlite_autoindex_runs")]
    [InlineData("UPDATE jobs SET next_fire = 5 WHERE id = 'j'", "sqlite_autoindex_jobs")]
    [InlineData("SELECT id FROM jobs INDEXED BY jobs_same WHERE same = 's' AND state <> 'ended' AND id <> 'j'", "jobs_same")]
    [InlineData("SELECT prompt FROM jobs WHERE (created_at, id) < (1, 'a') ORDER BY created_at DESC, id DESC LIMIT 10", "jobs_by_creation")]
    [InlineData("SELECT error FROM runs WHERE job_id = 'j' AND due_at < 5 AND job_deleted = 0 ORDER BY due_at DESC LIMIT 10", "PRIMARY KEY (job_id=? AND due_at<?)")]
    [InlineData("UPDATE runs INDEXED BY runs_retry_of_job SET not_before = NULL WHERE job_id = 'j' AND not_before IS NOT NULL", "runs_retry_of_job (job_id=?)")]
    [InlineData("SELECT job_id, due_at FROM runs INDEXED BY runs_ended WHERE finished_at < 5 AND not_before IS NULL ORDER BY finished_at LIMIT 5", "runs_ended")]
    public async Task Queries_OfTheHotPaths_UseTheirIndex(string sql, string index)
    {
        await using var raw = await RawAsync();
        await using var command = raw.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        await using var plan = await command.ExecuteReaderAsync();
        (await plan.ReadAsync()).ShouldBeTrue();
        plan.GetString(3).ShouldContain(index);
        (await plan.ReadAsync()).ShouldBeFalse("no sorting, no second table");
    }

    [Fact]
    public async Task Policy_WithoutAFieldOrWithOneUnknown_HasDefaultsOrIsRefused()
    {
        var job = await _fixture.AddAsync(_here);
        await using var raw = await RawAsync();
        await ExecuteAsync(raw, """UPDATE jobs SET policy = '{"overlap":"parallel"}'""");
        (await _here.GetAsync(job.Id))!.Policy.ShouldBe(new JobPolicy { Overlap = Overlap.Parallel });
        await ExecuteAsync(raw, """UPDATE jobs SET policy = '{"overlap":"whatever"}'""");
        (await Should.ThrowAsync<ProtoAgent.Stores.StoreException>(_here.GetAsync(job.Id))).Code.ShouldBe("store_newer");
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<SqliteConnection> RawAsync()
    {
        var raw = new SqliteConnection($"Data Source={_fixture.File};Pooling=False");
        await raw.OpenAsync();
        return raw;
    }
}
