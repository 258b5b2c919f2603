using CsCheck;
using Microsoft.Data.Sqlite;
using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Checkpoints.CheckpointFixture;

namespace ProtoAgent.Tests.Stores.Checkpoints;

/// <summary>Many writers, and many processes: each opened store on the file stands for one.</summary>
public sealed class CheckpointConcurrencyTests : IAsyncLifetime
{
    private readonly CheckpointFixture _fixture = new();
    private ICheckpointStore _here = null!;
    private ICheckpointStore _there = null!;

    public async ValueTask InitializeAsync()
    {
        _here = await _fixture.OpenAsync();
        _there = await _fixture.OpenAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Append_ManyWritersOnOneThread_LoseAndDoubleNothing()
    {
        var round = 0;
        await Gen.Select(Gen.Int[2, 8], Gen.Int[1, 12], Gen.Int[1, 3]).SampleAsync(
            async (writers, stepsEach, stepsAtOnce) =>
            {
                var id = Interlocked.Increment(ref round);
                var (thread, turn) = ($"thread{id}", $"turn{id}");
                await BeginAsync(_here, Turn(turn, thread));
                await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
                {
                    var store = w % 2 == 0 ? _here : _there;
                    for (var i = 0; i < stepsEach; i++)
                    {
                        await AppendWithRetry(store, thread, turn, [.. Enumerable.Range(0, stepsAtOnce).Select(n => Says($"{w}/{i}/{n}"))]);
                    }
                })));

                var steps = await _there.ReadStepsAsync(thread);
                var expected = 1 + (writers * stepsEach * stepsAtOnce);
                steps.Select(s => s.Seq).ShouldBe(Enumerable.Range(1, expected).Select(n => (long)n));
                steps.Select(s => s.Content).Distinct().Count().ShouldBe(expected);
                (await _here.GetThreadAsync(thread))!.Head.ShouldBe(expected);
            },
            iter: 15,
            threads: 1);
    }

    [Fact]
    public async Task BeginTurn_ManyProcessesAtOnce_ExactlyOneStarts()
    {
        for (var round = 0; round < 25; round++)
        {
            var thread = $"thread{round}";
            var starts = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
                (i % 2 == 0 ? _here : _there).BeginTurnAsync(Turn($"turn{round}-{i}", thread, i % 2 == 0 ? "p1" : "p2")))));

            starts.OfType<TurnStart.Started>().Count().ShouldBe(1);
            var running = starts.OfType<TurnStart.Busy>().Select(b => b.Running.Id).Distinct().ShouldHaveSingleItem();
            (await _there.ReadStepsAsync(thread)).ShouldHaveSingleItem().TurnId.ShouldBe(running);
        }
    }

    [Fact]
    public async Task BeginTurn_OtherLiveProcessRunsOne_IsBusy()
    {
        await BeginAsync(_here, Turn("a"));
        var busy = (await _there.BeginTurnAsync(Turn("b", runner: "p2"))).ShouldBeOfType<TurnStart.Busy>();
        (busy.Running.Id, busy.Running.Runner).ShouldBe(("a", "p1"));
    }

    [Fact]
    public async Task BeginTurn_OtherProcessDied_TakesOverAndTheDeadOneCanWriteNoMore()
    {
        var head = await BeginAsync(_here, Turn("a"));
        _fixture.Live["p1"] = false;

        (await _there.BeginTurnAsync(Turn("b", runner: "p2"))).ShouldBeOfType<TurnStart.Abandoned>().Turn.Id.ShouldBe("a");
        var interrupted = (await _there.InterruptTurnAsync("a"))!;
        (interrupted.Status, interrupted.FinishedAt).ShouldBe((TurnStatus.Interrupted, _fixture.Time.GetUtcNow()));
        var start = (await _there.BeginTurnAsync(Turn("b", runner: "p2"))).ShouldBeOfType<TurnStart.Started>();

        // Its question, the note that it was cut off, and ours.
        start.Head.ShouldBe(3);
        // It was only thought dead (a container paused): whatever head it names, it is refused.
        foreach (var guess in new[] { head, start.Head })
        {
            await Should.ThrowAsync<StaleStepException>(_here.AppendAsync("a", guess, [Says("ghost")]));
            await Should.ThrowAsync<StaleStepException>(_here.FinishTurnAsync("a", guess, [Says("ghost")], new TurnEnd(TurnStatus.Done)));
        }

        (await _here.ReadStepsAsync("t")).Select(s => (s.TurnId, s.Kind)).ShouldBe([("a", StepKind.User), ("a", StepKind.Note), ("b", StepKind.User)]);
    }

    [Fact]
    public async Task Append_SiblingWroteMeanwhile_IsStale()
    {
        var head = await BeginAsync(_here, Turn("a"));
        await _there.AppendAsync("a", head, [Says("first")]);
        await Should.ThrowAsync<StaleStepException>(_here.AppendAsync("a", head, [Says("second")]));
        (await _here.ReadStepsAsync("t")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task UnfinishedTurns_ThoseOfTheDead_TakenOverByOneAlone()
    {
        await BeginAsync(_here, Turn("a", "t1", "p1"));
        await BeginAsync(_here, Turn("b", "t2", "p2"));
        var head = await BeginAsync(_here, Turn("c", "t3", "gone"));
        await BeginAsync(_here, Turn("d", "t4", "gone too"));

        (await _there.UnfinishedTurnsAsync()).Select(t => t.Id).ShouldBe(["c", "d"], ignoreOrder: true);
        var taken = await Task.WhenAll(_here.TakeOverTurnAsync("c", "p1"), _there.TakeOverTurnAsync("c", "p2"));

        var one = taken.OfType<TakenTurn>().ShouldHaveSingleItem();
        (one.Head, one.Turn.Attempts, one.Turn.Status).ShouldBe((head, 2, TurnStatus.Running));
        (await _here.TakeOverTurnAsync("a", "p2")).ShouldBeNull("its process lives");
        (await _here.InterruptTurnAsync("a")).ShouldBeNull();
        (await _there.InterruptTurnAsync("d"))!.Status.ShouldBe(TurnStatus.Interrupted);
        (await _there.UnfinishedTurnsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Database_SecondOpenTurn_IsRefusedByTheIndexItself()
    {
        await BeginAsync(_here, Turn("a"));
        await using var raw = new SqliteConnection($"Data Source={_fixture.File};Pooling=False");
        await raw.OpenAsync();
        await using var command = raw.CreateCommand();
        command.CommandText = "INSERT INTO turns (id, thread_id, status, runner, origin, model, started_at, resumed_at) VALUES ('x', 't', 'waiting', 'p2', 'o', 'm', 0, 0)";

        (await Should.ThrowAsync<SqliteException>(async () => await command.ExecuteNonQueryAsync())).Message.ShouldContain("UNIQUE");
    }

    [Theory]
    [InlineData("SELECT id FROM turns INDEXED BY turns_open WHERE finished_at IS NULL", "turns_open")]
    [InlineData("SELECT id FROM turns WHERE thread_id = 't' AND finished_at IS NULL", "turns_open")]
    [InlineData("SELECT 1 FROM approvals WHERE turn_id = 't' AND decided_at IS NULL LIMIT 1", "sqlite_autoindex_approvals")]
    [InlineData("SELECT MAX(seq) FROM steps INDEXED BY steps_summaries WHERE thread_id = 't' AND through IS NOT NULL", "steps_summaries")]
    [InlineData("SELECT id FROM approvals INDEXED BY approvals_open WHERE decided_at IS NULL ORDER BY created_at, id LIMIT 5", "approvals_open")]
    [InlineData("SELECT id FROM threads WHERE (updated_at, id) < (1, 'a') ORDER BY updated_at DESC, id DESC LIMIT 10", "threads_by_update")]
    public async Task Queries_OfTheHotPaths_UseTheirIndex(string sql, string index)
    {
        await using var raw = new SqliteConnection($"Data Source={_fixture.File};Pooling=False");
        await raw.OpenAsync();
        await using var command = raw.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        await using var plan = await command.ExecuteReaderAsync();
        (await plan.ReadAsync()).ShouldBeTrue();
        plan.GetString(3).ShouldContain(index);
        (await plan.ReadAsync()).ShouldBeFalse("no sorting, no second table");
    }

    /// <summary>What a writer does that lost the race: reads the head again.</summary>
    private static async Task AppendWithRetry(ICheckpointStore store, string thread, string turn, IReadOnlyList<NewStep> steps)
    {
        while (true)
        {
            try
            {
                await store.AppendAsync(turn, (await store.GetThreadAsync(thread))!.Head, steps);
                return;
            }
            catch (StaleStepException)
            {
                // Somebody else was first; nothing was written.
            }
        }
    }
}
