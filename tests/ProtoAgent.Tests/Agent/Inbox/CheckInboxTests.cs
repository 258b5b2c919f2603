using ProtoAgent.Agent.Inbox;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Inbox;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Inbox;

/// <summary><c>check_inbox</c>: read once, and lost never.</summary>
public sealed class CheckInboxTests : IAsyncLifetime
{
    private readonly InboxBench _bench = new();

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Check_InATurn_IsFramedInItsThreadAndReadOnce()
    {
        var item = await _bench.PostAsync("the build is red", InboxPriority.Next);
        await _bench.PostAsync("water the plants", InboxPriority.Later);

        var turn = _bench.Turns.Send("anything new?");
        (await _bench.Turns.Model.NextAsync()).Calls(TurnFixture.Call("check_inbox", id: "c1"));
        var told = await _bench.Turns.Model.NextAsync();
        var result = told.Messages[^1].Contents.OfType<Microsoft.Extensions.AI.FunctionResultContent>().Single().Result!.ToString()!;
        result.ShouldStartWith("<tool_output tool=\"check_inbox\">\n1 item, read now");
        result.ShouldContain("the build is red");
        result.ShouldNotContain("plants");
        (await _bench.HeardAsync("inbox.delivered")).ShouldContain(turn.TurnId);
        told.Calls(TurnFixture.Call("check_inbox", id: "c2"));
        (await _bench.Turns.Model.NextAsync()).Answer("it is red");
        await turn.Completion;

        (await _bench.Turns.ThreadAsync()).ShouldContain("ok check_inbox Nothing waits in the inbox with priority next or more urgent.");
        await SettledAsync(turn.TurnId);
        (await _bench.GetAsync(item.Id)).ShouldSatisfyAllConditions(i => i.Status.ShouldBe(InboxStatus.Delivered), i => i.TurnId.ShouldBe(turn.TurnId));
    }

    [Fact]
    public async Task Check_TheTurnIsInterruptedBeforeItsThreadHoldsIt_WaitsAgain()
    {
        var read = await _bench.PostAsync("read", InboxPriority.Next);
        var turn = _bench.Turns.Send("anything new?", attended: true);
        (await _bench.Turns.Model.NextAsync()).Calls(TurnFixture.Call("check_inbox", id: "c1"));
        await _bench.Turns.Model.NextAsync();

        // The second call died between the inbox and the thread.
        var unread = await _bench.PostAsync("not read", InboxPriority.Next);
        (await ReadAsync(turn, "c2")).Select(i => i.Id).ShouldBe([unread.Id]);

        await _bench.CrashAsync();

        (await _bench.HeardAsync("inbox.item")).ShouldContain(unread.Id);
        (await _bench.GetAsync(unread.Id)).Status.ShouldBe(InboxStatus.Pending);
        (await _bench.GetAsync(read.Id)).Status.ShouldBe(InboxStatus.Delivered);
        (await _bench.Turns.Store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Interrupted);
    }

    [Fact]
    public async Task Check_TheTurnIsGoneOnWith_ReadsWhatItHadRead()
    {
        await _bench.PostAsync("one", InboxPriority.Next);
        var turn = _bench.Turns.Send("anything new?");
        var first = await _bench.Turns.Model.NextAsync();
        first.Say(TurnFixture.Call("check_inbox", id: "c1"));
        (await ReadAsync(turn, "c1")).Single().Text.ShouldBe("one");
        await _bench.PostAsync("two", InboxPriority.Next);

        // The model is asked again, and asks for the call of the same name again.
        await _bench.CrashAsync();
        (await _bench.Turns.Model.NextAsync()).Calls(TurnFixture.Call("check_inbox", id: "c1"));
        var told = await _bench.Turns.Model.NextAsync();
        (await _bench.Turns.ThreadAsync()).Single(s => s.StartsWith("ok check_inbox", StringComparison.Ordinal)).ShouldSatisfyAllConditions(
            s => s.ShouldContain("one"), s => s.ShouldNotContain("two"), s => s.ShouldContain("More waits"));
        told.Answer("well");
        await _bench.Turns.EndedAsync(turn);
        await SettledAsync(turn.TurnId);
        (await _bench.Inbox.CountPendingAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Check_ANowItemIsPutBack_ItFires()
    {
        var turn = _bench.Turns.Send("anything new?", attended: true);
        await _bench.Turns.Model.NextAsync();
        var store = await _bench.Store.GetAsync();
        await store.AddAsync(new NewItem("wake up", InboxPriority.Now, "ci"), TimeSpan.Zero, 9);
        (await ReadAsync(turn, "c1")).Count.ShouldBe(1);
        await _bench.CrashAsync();
        (await _bench.Turns.Model.NextAsync()).Last.ShouldContain("wake up");
    }

    [Theory]
    [InlineData("""{"priority_floor":"soon"}""", "priority_floor is 'soon': it must be now, next or later.")]
    [InlineData("""{"limit":0}""", "limit is 0: it must be 1 to 100.")]
    [InlineData("""{"limit":101}""", "limit is 101: it must be 1 to 100.")]
    [InlineData("""{"floor":"now"}""", "do not fit its schema")]
    public async Task Check_BadArguments_TheModelIsToldWhy(string arguments, string why)
    {
        var tool = new CheckInboxTool(_bench.Inbox, new ToolOptions());
        (await Should.ThrowAsync<ToolException>(() => tool.CallAsync(System.Text.Json.JsonElement.Parse(arguments), new ToolCall("t", "u", "c", "test"), default))).Message.ShouldContain(why);
    }

    [Fact]
    public async Task Activity_ATurnOfAPersonOnItsThread_GetsALineAndOthersNone()
    {
        var here = _bench.Turns.Send("hello", ProtoAgent.Agent.Activity.ActivityLog.ThreadId);
        (await _bench.Turns.Model.NextAsync()).Answer(new string('x', 3000));
        await here.Completion;
        var there = _bench.Turns.Send("hello", "elsewhere");
        (await _bench.Turns.Model.NextAsync()).Answer("hi");
        await there.Completion;
        (await _bench.LinesAsync()).ShouldBe([$"operator turn_done {new string('x', 2000)}…"]);
        (await _bench.HeardAsync("activity.message")).ShouldContain(here.TurnId);
    }

    private async Task<IReadOnlyList<InboxItem>> ReadAsync(TurnHandle turn, string call) =>
        (await _bench.Inbox.ReadAsync(InboxPriority.Later, 9, 9999, new ToolCall(turn.ThreadId, turn.TurnId, call, "test"), default)).Items;

    private async Task SettledAsync(string turnId)
    {
        var store = await _bench.Store.GetAsync();
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await store.IsReadingAsync(turnId))
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
