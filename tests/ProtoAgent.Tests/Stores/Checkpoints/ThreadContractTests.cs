using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Sqlite;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Checkpoints.CheckpointFixture;

namespace ProtoAgent.Tests.Stores.Checkpoints;

/// <summary>Forks, rewinds, summaries, retention: what is done to whole threads.</summary>
public sealed class ThreadContractTests : IAsyncLifetime
{
    private readonly CheckpointFixture _fixture = new();
    private ICheckpointStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await _fixture.OpenAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(null, 3)]
    [InlineData(2L, 2)]
    public async Task Fork_UpToAStep_IsAThreadOfItsOwn(long? step, long head)
    {
        await DoneAsync("a", "t", "1", "2", "3");
        var forked = (await _store.ForkThreadAsync("t", "f", step))!;
        (forked.Head, forked.ParentId, forked.ParentStep).ShouldBe((head, "t", head));
        await DoneAsync("b", "f", "mine");
        (await _store.GetThreadAsync("t"))!.Head.ShouldBe(3);
        await _store.DeleteThreadAsync("t");
        (await _store.ReadStepsAsync("f")).Select(s => s.Seq).ShouldBe(Enumerable.Range(1, (int)head + 1).Select(i => (long)i));
    }

    [Fact]
    public async Task Fork_OfNothingOrToATakenIdOrAStepThereIsNot_WritesNothing()
    {
        await DoneAsync("a", "t", "1");
        (await _store.ForkThreadAsync("none", "f", null)).ShouldBeNull();
        await Should.ThrowAsync<StaleStepException>(_store.ForkThreadAsync("t", "t", null));
        await Should.ThrowAsync<StaleStepException>(_store.ForkThreadAsync("t", "f", 2));
        await Should.ThrowAsync<StaleStepException>(_store.ForkThreadAsync("t", "f", 0));
        await Should.ThrowAsync<ArgumentException>(async () => await _store.ForkThreadAsync("t", "bad\n", 1));
        (await _store.CountThreadsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Rewind_ToAStep_TheNextTurnExtendsIt()
    {
        await DoneAsync("a", "t", "1", "2", "3");
        (await _store.RewindThreadAsync("t", 1, expectedHead: 3))!.Head.ShouldBe(1);
        (await BeginAsync(_store, Turn("b"))).ShouldBe(2);
        (await _store.RewindThreadAsync("none", 1)).ShouldBeNull();
    }

    [Fact]
    public async Task Rewind_StaleOrBusy_WritesNothing()
    {
        await DoneAsync("a", "t", "1", "2");
        await Should.ThrowAsync<StaleStepException>(_store.RewindThreadAsync("t", 1, expectedHead: 1));
        await Should.ThrowAsync<StaleStepException>(_store.RewindThreadAsync("t", 3));
        await BeginAsync(_store, Turn("b"));
        await Should.ThrowAsync<ThreadBusyException>(_store.RewindThreadAsync("t", 1));
        (await _store.GetThreadAsync("t"))!.Head.ShouldBe(3);
    }

    [Fact]
    public async Task Begin_ExpectingAnotherHead_IsMoved()
    {
        await DoneAsync("a", "t", "1", "2");
        (await _store.BeginTurnAsync(Turn("b") with { ExpectedHead = 1 })).ShouldBe(new TurnStart.Moved(2));
        (await _store.BeginTurnAsync(Turn("b", "new") with { ExpectedHead = 1 })).ShouldBe(new TurnStart.Moved(0));
        (await _store.BeginTurnAsync(Turn("b") with { ExpectedHead = 2 })).ShouldBe(new TurnStart.Started(3));
        (await _store.CountThreadsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task ReadContext_AfterSummaries_TheLastOneThenWhatItDoesNotStandFor()
    {
        await DoneAsync("a", "t", "1", "2");
        (await _store.ReadContextAsync("t")).Select(s => s.Seq).ShouldBe([1, 2]);
        var head = await BeginAsync(_store, Turn("b", says: "3"));
        head = await _store.AppendAsync("b", head, [new NewStep(StepKind.Summary, """{"text":"s"}""", Through: 2), Says("5", StepKind.Assistant)]);
        (await _store.ReadContextAsync("t")).Select(s => s.Seq).ShouldBe([4, 3, 5]);
        await _store.AppendAsync("b", head, [new NewStep(StepKind.Summary, """{"text":"s2"}""", Through: 3), Says("7", StepKind.Assistant)]);
        (await _store.ReadContextAsync("t")).Select(s => s.Seq).ShouldBe([6, 5, 7]);
        (await _store.ReadStepsAsync("t")).Count.ShouldBe(7, "the archive keeps all");
        (await _store.ReadContextAsync("none")).ShouldBeEmpty();
    }

    [Fact]
    public async Task DeleteIncognito_WithItsSubagents_LeavesTheOpenTheYoungAndTheBusy()
    {
        (await _store.DeleteIncognitoThreadsAsync(DateTimeOffset.MaxValue)).ShouldBe(0);
        await DoneAsync("a", "incognito:a", "x");
        await DoneAsync("task:a/c", "task:a/c", "x");
        await DoneAsync("b", "incognito", "x");
        await BeginAsync(_store, Turn("r", "incognito:waits"));
        await _store.ParkTurnAsync("r", 1, [], [new NewApproval("p", "c", ApprovalKind.Approve, "tool", "{}")]);
        var before = _fixture.Time.GetUtcNow();
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await DoneAsync("y", "incognito:young", "x");
        (await _store.ListThreadsAsync(10)).Items.Select(t => t.Id).ShouldBe(["incognito"]);

        (await _store.DeleteIncognitoThreadsAsync(before)).ShouldBe(1);
        (await _store.CountThreadsAsync()).ShouldBe(3);
        (await _store.GetThreadAsync("task:a/c")).ShouldBeNull();
        (await _store.GetThreadAsync("incognito:young")).ShouldNotBeNull();
    }

    [Fact]
    public async Task DeleteBefore_LeavesTheYoungAndTheBusyAndSubagentsToTheirParents()
    {
        for (var i = 0; i < 60; i++)
        {
            await DoneAsync($"turn{i}", $"old{i}", "x");
        }

        await DoneAsync("task:turn0/c", "task:turn0/c", "x");
        await DoneAsync("task:other/c", "task:other/c", "x");
        await BeginAsync(_store, Turn("r", "running"));
        await _store.ParkTurnAsync("r", 1, [], [new NewApproval("p", "c", ApprovalKind.Approve, "tool", "{}")]);
        _fixture.Time.Advance(TimeSpan.FromDays(2));
        await DoneAsync("y", "young", "x");

        (await _store.DeleteThreadsBeforeAsync(_fixture.Time.GetUtcNow() - TimeSpan.FromDays(1))).ShouldBe(60);
        (await _store.GetThreadAsync("running")).ShouldNotBeNull();
        (await _store.GetThreadAsync("young")).ShouldNotBeNull();
        (await _store.GetThreadAsync("task:turn0/c")).ShouldBeNull("it goes with the turn that sent it");
        (await _store.GetThreadAsync("task:other/c")).ShouldNotBeNull();
        (await _store.ListThreadsAsync(10)).Items.Select(t => t.Id).ShouldBe(["young", "running"], ignoreOrder: true);
    }

    [Fact]
    public async Task Open_AFileOfVersionOne_KeepsEverything()
    {
        await _store.DisposeAsync();
        File.Delete(_fixture.File);
        using var folder = new TempFolder();
        var first = CheckpointSchema.Schema with { Migrations = [CheckpointSchema.Schema.Migrations[0]] };
        await using (var old = await SqliteDatabase.OpenAsync(folder.Paths(), first, NullLogger.Instance))
        {
            await old.WriteAsync(session =>
            {
                session.Run(
                    """
                    INSERT INTO threads VALUES ('t', 1000, 2000, 1);
                    INSERT INTO turns VALUES ('a', 't', 'running', 'p9', 'operator', 'm', 1000, NULL, NULL, NULL, NULL, NULL);
                    INSERT INTO turns VALUES ('b', 't', 'failed', 'p9', 'operator', 'm', 500, 600, 1, 2, 'code', 'message');
                    INSERT INTO steps VALUES ('t', 1, 'a', 'user', 1000, '{"text":"hi"}');
                    """);
                return 0;
            });
        }

        await using var store = await CheckpointStore.OpenAsync(folder.Paths(), _ => false, _fixture.Time, NullLogger.Instance);
        (await store.ReadStepsAsync("t")).ShouldHaveSingleItem().Content.ShouldBe("""{"text":"hi"}""");
        var failed = (await store.GetTurnAsync("b"))!;
        (failed.Status, failed.ErrorCode, failed.InputTokens, failed.Attended).ShouldBe((TurnStatus.Failed, "code", 1, true));
        (await store.UnfinishedTurnsAsync()).ShouldHaveSingleItem().Id.ShouldBe("a");
        (await store.TakeOverTurnAsync("a", "p1"))!.Head.ShouldBe(1);
    }

    private async Task DoneAsync(string turn, string thread, params string[] says)
    {
        var head = await BeginAsync(_store, Turn(turn, thread, says: says));
        await _store.FinishTurnAsync(turn, head, [], new TurnEnd(TurnStatus.Done));
    }
}
