using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Stores.Checkpoints.CheckpointFixture;

namespace ProtoAgent.Tests.Stores.Checkpoints;

/// <summary>What every checkpoint store owes its callers, whatever it is made of.</summary>
public sealed class CheckpointContractTests : IAsyncLifetime
{
    private readonly CheckpointFixture _fixture = new();
    private ICheckpointStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await _fixture.OpenAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task BeginTurn_NewThread_MakesThreadTurnAndSteps()
    {
        var start = await _store.BeginTurnAsync(Turn("a", says: ["one", "two"]));

        start.ShouldBe(new TurnStart.Started(2));
        var now = _fixture.Time.GetUtcNow();
        (await _store.GetThreadAsync("t")).ShouldBe(new ThreadInfo("t", now, now, 2));
        (await _store.GetTurnAsync("a")).ShouldBe(
            new TurnInfo("a", "t", TurnStatus.Running, "p1", "operator", "offline", now, null, null, null, null, null));
        (await _store.ReadStepsAsync("t")).ShouldBe(
        [
            new Step("t", 1, "a", StepKind.User, now, """{"text":"one"}"""),
            new Step("t", 2, "a", StepKind.User, now, """{"text":"two"}"""),
        ]);
    }

    [Fact]
    public async Task BeginTurn_AnotherRunsInThisProcess_IsBusyAndWritesNothing()
    {
        await BeginAsync(_store, Turn("a"));

        var busy = (await _store.BeginTurnAsync(Turn("b"))).ShouldBeOfType<TurnStart.Busy>();

        busy.Running.Id.ShouldBe("a");
        (await _store.GetTurnAsync("b")).ShouldBeNull();
        (await _store.ReadStepsAsync("t")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task BeginTurn_OtherThread_IsNoObstacle()
    {
        await BeginAsync(_store, Turn("a"));
        (await BeginAsync(_store, Turn("b", "other"))).ShouldBe(1);
    }

    [Fact]
    public async Task BeginTurn_TurnIdUsedBefore_WritesNothing()
    {
        await BeginAsync(_store, Turn("a"));

        await Should.ThrowAsync<ProtoAgent.Stores.StoreException>(_store.BeginTurnAsync(Turn("a", "other")));

        (await _store.GetThreadAsync("other")).ShouldBeNull();
        (await _store.CountThreadsAsync()).ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("\u0085")]
    [InlineData("half \ud800 a character")]
    public async Task BeginTurn_ThreadIdNotUsable_IsRefused(string threadId)
    {
        await Should.ThrowAsync<ArgumentException>(async () => await _store.BeginTurnAsync(Turn("a", threadId)));
        (await _store.CountThreadsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task BeginTurn_LongestThreadId_IsKeptExactly()
    {
        var id = string.Concat(Enumerable.Repeat("ü😀x ", 51)) + "y";
        id.Length.ShouldBe(256);
        await BeginAsync(_store, Turn("a", id));
        (await _store.GetThreadAsync(id)).ShouldNotBeNull();
        await Should.ThrowAsync<ArgumentException>(async () => await _store.BeginTurnAsync(Turn("b", id + "z")));
    }

    [Fact]
    public async Task Append_BehindTheHead_NumbersWithoutGapsAndMovesTheThread()
    {
        var head = await BeginAsync(_store, Turn("a"));
        _fixture.Time.Advance(TimeSpan.FromSeconds(3));

        head = await _store.AppendAsync("a", head, [Says("x", StepKind.ToolCall), Says("y", StepKind.ToolResult)]);

        head.ShouldBe(3);
        (await _store.ReadStepsAsync("t")).Select(s => (s.Seq, s.Kind)).ShouldBe(
            [(1, StepKind.User), (2, StepKind.ToolCall), (3, StepKind.ToolResult)]);
        var thread = (await _store.GetThreadAsync("t"))!;
        (thread.UpdatedAt - thread.CreatedAt).ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Append_AnotherHead_IsStaleAndWritesNothing(long expectedHead)
    {
        await BeginAsync(_store, Turn("a"));

        (await Should.ThrowAsync<StaleStepException>(_store.AppendAsync("a", expectedHead, [Says("lost?")]))).Message.ShouldContain("step 1");

        (await _store.ReadStepsAsync("t")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Append_UnknownTurn_IsStale() =>
        await Should.ThrowAsync<StaleStepException>(_store.AppendAsync("nobody", 0, [Says("x")]));

    [Fact]
    public async Task FinishTurn_WithItsEnd_IsKeptAndTheThreadIsFree()
    {
        var head = await BeginAsync(_store, Turn("a"));
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        head = (await _store.FinishTurnAsync("a", head, [Says("bye", StepKind.Assistant)], new TurnEnd(TurnStatus.Done, 12, 34))).Head;

        head.ShouldBe(2);
        var turn = (await _store.GetTurnAsync("a"))!;
        (turn.Status, turn.InputTokens, turn.OutputTokens, turn.FinishedAt).ShouldBe((TurnStatus.Done, 12L, 34L, _fixture.Time.GetUtcNow()));
        await Should.ThrowAsync<StaleStepException>(_store.AppendAsync("a", head, [Says("late")]));
        await Should.ThrowAsync<StaleStepException>(_store.FinishTurnAsync("a", head, [], new TurnEnd(TurnStatus.Done)));
        (await BeginAsync(_store, Turn("b"))).ShouldBe(3);
    }

    [Theory]
    [InlineData(TurnStatus.Failed)]
    [InlineData(TurnStatus.Cancelled)]
    [InlineData(TurnStatus.Interrupted)]
    public async Task FinishTurn_WithoutAnAnswer_SaysWhy(TurnStatus status)
    {
        var head = await BeginAsync(_store, Turn("a"));
        (await _store.FinishTurnAsync("a", head, [], new TurnEnd(status, ErrorCode: "model_timeout", ErrorMessage: "No answer."))).ShouldBe(new TurnFinish(head, Steered: false));
        var turn = (await _store.GetTurnAsync("a"))!;
        (turn.Status, turn.ErrorCode, turn.ErrorMessage).ShouldBe((status, "model_timeout", "No answer."));
    }

    [Fact]
    public async Task FinishTurn_StaleHead_LeavesTheTurnRunning()
    {
        await BeginAsync(_store, Turn("a"));
        await Should.ThrowAsync<StaleStepException>(_store.FinishTurnAsync("a", 9, [Says("x")], new TurnEnd(TurnStatus.Done)));
        (await _store.GetTurnAsync("a"))!.Status.ShouldBe(TurnStatus.Running);
        await Should.ThrowAsync<ArgumentException>(async () => await _store.FinishTurnAsync("a", 1, [], new TurnEnd(TurnStatus.Running)));
    }

    [Fact]
    public async Task ReadSteps_AfterAndLimit_GiveThatPart()
    {
        await BeginAsync(_store, Turn("a", says: ["1", "2", "3", "4", "5"]));
        (await _store.ReadStepsAsync("t", afterSeq: 2, limit: 2)).Select(s => s.Seq).ShouldBe([3, 4]);
        (await _store.ReadStepsAsync("t", afterSeq: 5)).ShouldBeEmpty();
        (await _store.ReadStepsAsync("none")).ShouldBeEmpty();
    }

    [Fact]
    public async Task ListThreads_PageByPage_IsNewestFirstAndComplete()
    {
        for (var i = 0; i < 7; i++)
        {
            await BeginAsync(_store, Turn($"turn{i}", $"thread:{i}"));
            _fixture.Time.Advance(i % 2 == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(1));
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await _store.ListThreadsAsync(3, cursor);
            page.Items.Count.ShouldBe(Math.Min(3, 7 - seen.Count));
            seen.AddRange(page.Items.Select(t => t.Id));
            cursor = page.Next;
        }
        while (cursor is not null);

        seen.ShouldBe(["thread:6", "thread:5", "thread:4", "thread:3", "thread:2", "thread:1", "thread:0"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("MTIz")]
    [InlineData("eDp0")]
    public async Task ListThreads_CursorNotOurs_IsRefused(string cursor) =>
        (await Should.ThrowAsync<ArgumentException>(async () => await _store.ListThreadsAsync(10, cursor))).Message.ShouldContain("first page");

    [Theory]
    [InlineData(0)]
    [InlineData(501)]
    public async Task ListThreads_LimitOutOfBounds_IsRefused(int limit) =>
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await _store.ListThreadsAsync(limit));

    [Fact]
    public async Task DeleteThread_RemovesItsStepsAndTurnsOnly()
    {
        var head = await BeginAsync(_store, Turn("a"));
        await _store.FinishTurnAsync("a", head, [], new TurnEnd(TurnStatus.Done));
        await BeginAsync(_store, Turn("b", "other"));

        (await _store.DeleteThreadAsync("t")).ShouldBeTrue();
        (await _store.DeleteThreadAsync("t")).ShouldBeFalse();

        (await _store.GetThreadAsync("t")).ShouldBeNull();
        (await _store.GetTurnAsync("a")).ShouldBeNull();
        (await _store.ReadStepsAsync("t")).ShouldBeEmpty();
        (await _store.ReadStepsAsync("other")).Count.ShouldBe(1);
        (await _store.CountThreadsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task DeleteThread_TurnRuns_IsRefusedUntilItsProcessIsDead()
    {
        await BeginAsync(_store, Turn("a"));
        await Should.ThrowAsync<ThreadBusyException>(_store.DeleteThreadAsync("t"));
        (await _store.ReadStepsAsync("t")).Count.ShouldBe(1);

        _fixture.Live["p1"] = false;
        (await _store.DeleteThreadAsync("t")).ShouldBeTrue();
        await Should.ThrowAsync<StaleStepException>(_store.AppendAsync("a", 1, [Says("x")]));
    }

    [Fact]
    public async Task Reopen_FindsEverything()
    {
        var head = await BeginAsync(_store, Turn("a"));
        await _store.AppendAsync("a", head, [Says("ü \\u0000 ​𝄞", StepKind.Assistant)]);
        var steps = await _store.ReadStepsAsync("t");
        await _store.DisposeAsync();

        var again = await _fixture.OpenAsync();

        (await again.ReadStepsAsync("t")).ShouldBe(steps);
        (await again.GetTurnAsync("a"))!.Status.ShouldBe(TurnStatus.Running);
    }
}
