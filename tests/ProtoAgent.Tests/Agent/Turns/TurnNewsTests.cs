using System.Text;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>What the bus is told of turns, and what it must not be.</summary>
public sealed class TurnNewsTests : IAsyncLifetime
{
    private readonly TurnFixture _fixture = new();
    private EventSubscription _heard = null!;

    public async ValueTask InitializeAsync()
    {
        var bus = new EventBus(_fixture.Time);
        var news = new TurnNews(bus);
        (_fixture.Happened, _fixture.Ended, _fixture.Decided) = (news.Happened, news.Ended, news.Decided);
        _fixture.Tools.AddRange([new FakeTool("look", ToolTraits.Idempotent), new FakeTool("danger", ToolTraits.NeedsApproval), new AskHuman()]);
        _heard = bus.Subscribe();
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync()
    {
        _heard.Dispose();
        return _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Turn_FromBeginningToEnd_IsToldWithoutItsWords()
    {
        var turn = _fixture.Send("what is the secret");
        (await _fixture.Model.NextAsync()).Calls(Call("look", """{"at":"secret"}""", "c1"));
        (await _fixture.Model.NextAsync()).Answer("the secret is out");
        var ids = $$"""{"turn_id":"{{turn.TurnId}}","session_id":"t",""";
        (await HeardAsync("turn.done")).ShouldBe(
        [
            $$"""turn.started {{ids}}"origin":"test","model":"m1"}""",
            $$"""turn.tool_started {{ids}}"call_id":"c1","tool":"look"}""",
            $$"""turn.tool_ended {{ids}}"call_id":"c1","tool":"look","status":"ok"}""",
            $$"""turn.done {{ids}}"origin":"test"}""",
        ]);
    }

    [Fact]
    public async Task Turn_ThatFails_IsToldWithWhatItSays()
    {
        var turn = _fixture.Send("hello");
        (await _fixture.Model.NextAsync()).Fail(new HttpRequestException("the model is out"));
        await turn.Completion;
        var last = (await HeardAsync("turn.failed"))[^1];
        last.ShouldContain("\"code\":\"model_");
        last.ShouldContain("\"message\":");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Turn_ThatAsks_TellsTheQuestionUnlessItIsIncognito(bool incognito)
    {
        var turn = _fixture.Runner.Start(new TurnRequest { Message = "go", ThreadId = "t", Origin = "test", Incognito = incognito });
        (await _fixture.Model.NextAsync()).Calls(Call("ask_human", """{"question":"Which river?"}"""));
        await turn.Completion;
        var approval = (await _fixture.Store.ListApprovalsAsync(10)).Single();
        var told = await HeardAsync("approval.requested");
        told[^2].ShouldStartWith("turn.parked ");
        told[^1].ShouldStartWith($$"""approval.requested {"approval_id":"{{approval.Id}}","kind":"question",""");
        told[^1].Contains("Which river?", StringComparison.Ordinal).ShouldBe(!incognito);

        await _fixture.Runner.DecideAsync(approval.Id, Decision.Deny, "none of them", CancellationToken.None);
        await _fixture.Runner.DecideAsync(approval.Id, Decision.Deny, "again", CancellationToken.None);
        (await _fixture.Model.NextAsync()).Fail(new HttpRequestException("the model is out"));
        told = await HeardAsync("turn.failed");
        told.Count(t => t.StartsWith("approval.decided ", StringComparison.Ordinal)).ShouldBe(1);
        told.ShouldNotContain(t => t.Contains("none of them"));
        told[^1].Contains("\"message\":", StringComparison.Ordinal).ShouldBe(!incognito);
    }

    [Fact]
    public async Task Turn_CancelledWhileItWaits_IsTold()
    {
        var turn = _fixture.Send("do it");
        (await _fixture.Model.NextAsync()).Calls(Call("danger"));
        await turn.Completion;
        await _fixture.Runner.CancelAsync("t", CancellationToken.None);
        (await HeardAsync("turn.cancelled"))[^1].ShouldStartWith($$"""turn.cancelled {"turn_id":"{{turn.TurnId}}",""");
    }

    /// <summary>All that was told up to the first of that topic.</summary>
    private async Task<List<string>> HeardAsync(string topic)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var told = new List<string>();
        while (true)
        {
            var happened = await _heard.Events.ReadAsync(late.Token);
            told.Add($"{happened.Topic} {Encoding.UTF8.GetString(happened.Data.Span)}");
            if (happened.Topic == topic)
            {
                return told;
            }
        }
    }
}
