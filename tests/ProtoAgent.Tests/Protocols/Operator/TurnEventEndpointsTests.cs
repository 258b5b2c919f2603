using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.Operator;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Protocols.Operator;

/// <summary>A turn followed while it runs.</summary>
public sealed class TurnEventEndpointsTests : IAsyncLifetime
{
    private readonly TurnFixture _turns = new();
    private readonly TurnFeed _feed = new();
    private ApiBench _api = null!;

    public async ValueTask InitializeAsync()
    {
        _turns.Tools.AddRange([new FakeTool("look", ToolTraits.Idempotent), new FakeTool("danger", ToolTraits.NeedsApproval)]);
        (_turns.Happened, _turns.Ended) = (_feed.Happened, _feed.Ended);
        await _turns.StartAsync();
        _api = await ApiBench.StartAsync(new HttpOptions(), routes => TurnEventEndpoints.Map(routes, _turns.Store, _feed, _turns.Process, _turns.Time));
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _turns.DisposeAsync();
    }

    [Fact]
    public async Task Turn_FollowedWhileItRuns_TellsItsStepsTheWordsBetweenAndItsEnd()
    {
        var turn = _turns.Send("hello");
        var first = await _turns.Model.NextAsync();
        using var reader = await OpenAsync(turn.TurnId);
        (await reader.FrameAsync())["step"]!["text"]!.GetValue<string>().ShouldBe("hello");
        first.Say("Let me ");
        Told(await reader.FrameAsync()).ShouldBe("delta Let me ");
        first.Say("look.");
        Told(await reader.FrameAsync()).ShouldBe("delta look.");
        first.Calls(Call("look"));
        var second = await _turns.Model.NextAsync();

        // At once: what stands before these words is told before them. The end comes when they are: a turn that is over is told by its steps.
        second.Say("It is there.");
        foreach (var told in (string[])["assistant Let me look.", "tool_call look", "tool_result look", "delta It is there."])
        {
            Told(await reader.FrameAsync()).ShouldBe(told);
        }

        second.End(ChatFinishReason.Stop);
        (await reader.RestAsync()).Select(Told).ShouldBe(["assistant It is there.", "end done"]);
    }

    [Fact]
    public async Task Turn_ThatHasEnded_IsToldAgainFromTheStepTheReaderHas()
    {
        // So long a thread that the turn is not found at the first glance.
        for (var i = 0; i < 40; i++)
        {
            await AnsweredAsync($"before {i}");
        }

        var turn = await AnsweredAsync("this one");
        for (var i = 0; i < 60; i++)
        {
            await AnsweredAsync($"after {i}");
        }

        using var whole = await OpenAsync(turn.TurnId);
        var id = await whole.IdAsync();
        (await whole.RestAsync()).Select(Told).ShouldBe(["user this one", "assistant so", "end done"]);
        using var rest = await OpenAsync(turn.TurnId, id);
        (await rest.RestAsync()).Select(Told).ShouldBe(["assistant so", "end done"]);
    }

    [Fact]
    public async Task Turn_ThatWaits_SaysSoAndGoesOnWhenItDoes()
    {
        var turn = _turns.Send("do it");
        (await _turns.Model.NextAsync()).Calls(Call("danger"));
        (await turn.Completion).ShouldBeOfType<TurnEvent.Parked>();
        using var reader = await OpenAsync(turn.TurnId);
        await WaitingAsync(reader);
        var approval = (await _turns.Store.ListApprovalsAsync(10)).Single();
        await _turns.Runner.DecideAsync(approval.Id, Decision.Approve, null, CancellationToken.None);
        (await _turns.Model.NextAsync()).Answer("Done.");
        (await reader.RestAsync()).Select(Told).Where(t => !t.StartsWith("delta", StringComparison.Ordinal)).TakeLast(2).ShouldBe(["assistant Done.", "end done"]);
    }

    [Fact]
    public async Task Turn_CancelledWhileItWaits_Ends()
    {
        var turn = _turns.Send("do it");
        (await _turns.Model.NextAsync()).Calls(Call("danger"));
        await turn.Completion;
        using var reader = await OpenAsync(turn.TurnId);
        await WaitingAsync(reader);
        await _turns.Runner.CancelAsync("t", CancellationToken.None);
        var last = (await reader.RestAsync())[^1];
        (Told(last), (string)last["turn"]!["error"]!["code"]!).ShouldBe(("end cancelled", "cancelled"));
    }

    [Fact]
    public async Task Reader_WhenTheInstanceStops_IsToldAndTheStreamEnds()
    {
        var turn = _turns.Send("hello");
        await _turns.Model.NextAsync();
        using var reader = await OpenAsync(turn.TurnId);
        await reader.FrameAsync();
        _feed.Close();
        (await reader.RestAsync()).Select(Told).ShouldBe(["stopping "]);
    }

    [Fact]
    public async Task Turn_FollowedInTheMiddleOfAnAnswer_TellsItsWordsFromTheFirst()
    {
        var turn = _turns.Send("hello");
        var first = await _turns.Model.NextAsync();
        using (var early = await OpenAsync(turn.TurnId))
        {
            await early.FrameAsync();
            first.Say("It is ");
            Told(await early.FrameAsync()).ShouldBe("delta It is ");
            first.Say("a long");
            Told(await early.FrameAsync()).ShouldBe("delta a long");
        }

        using var late = await OpenAsync(turn.TurnId);
        (Told(await late.FrameAsync()), Told(await late.FrameAsync())).ShouldBe(("user hello", "delta It is a long"));
        first.Answer(" story.");
        (await late.RestAsync()).Select(Told).ShouldBe(["delta  story.", "assistant It is a long story.", "end done"]);
    }

    [Fact]
    public async Task Words_ThatComeToNothing_AreTakenBack()
    {
        var turn = _turns.Send("hello");
        await _turns.Model.NextAsync();
        using var reader = await OpenAsync(turn.TurnId);
        await reader.FrameAsync();
        var same = new NewTurn(turn.TurnId, "t", "p1", "test", "m1", []);
        _feed.Happened(same, new TurnEvent.Delta("never written"));
        Told(await reader.FrameAsync()).ShouldBe("delta never written");
        _feed.Happened(same, new TurnEvent.FellBack("m1", "m2", "model_failed"));
        Told(await reader.FrameAsync()).ShouldBe("reset ");
    }

    [Fact]
    public async Task Follower_TooSlow_IsDroppedAndHoldsNothingUp()
    {
        using var follower = _feed.Follow("x");
        var turn = new NewTurn("x", "t", "p1", "test", "m1", []);
        for (var i = 0; i <= TurnFollower.Capacity; i++)
        {
            _feed.Happened(turn, new TurnEvent.Delta("a"));
        }

        follower.Dropped.ShouldBeTrue();
        var read = 0;
        while (follower.Events.TryRead(out _))
        {
            read++;
        }

        read.ShouldBe(TurnFollower.Capacity);
        (await follower.Events.WaitToReadAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Turn_UnknownOrElsewhere_IsRefused()
    {
        var (status, problem) = await _api.SendAsync(HttpMethod.Get, "/api/chat/turns/none/events");
        (status, (string)problem!["code"]!).ShouldBe((HttpStatusCode.NotFound, "turn_not_found"));
        var turn = _turns.Send("hello");
        await _turns.Model.NextAsync();
        await using var sibling = await ApiBench.StartAsync(new HttpOptions(), routes => TurnEventEndpoints.Map(routes, _turns.Store, _feed, "p9", _turns.Time));
        (status, problem) = await sibling.SendAsync(HttpMethod.Get, $"/api/chat/turns/{turn.TurnId}/events");
        (status, (string)problem!["code"]!).ShouldBe((HttpStatusCode.Conflict, "turn_elsewhere"));
    }

    private static async Task WaitingAsync(EventReader reader)
    {
        JsonNode frame;
        while (Told(frame = await reader.FrameAsync()) != "waiting waiting")
        {
            frame["type"]!.GetValue<string>().ShouldBe("step");
        }
    }

    private async Task<TurnHandle> AnsweredAsync(string message)
    {
        var turn = _turns.Send(message);
        (await _turns.Model.NextAsync()).Answer("so");
        await turn.Completion;
        return turn;
    }

    private static string Told(JsonNode frame) => (string)frame["type"]! switch
    {
        "step" when frame["step"]!["tool"] is { } tool => $"{frame["step"]!["role"]} {tool}",
        "step" => $"{frame["step"]!["role"]} {frame["step"]!["text"]}",
        var type => $"{type} {frame["text"] ?? frame["turn"]?["status"]}",
    };

    private async Task<EventReader> OpenAsync(string turn, string? lastSeen = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/chat/turns/{turn}/events");
        if (lastSeen is not null)
        {
            request.Headers.Add("Last-Event-ID", lastSeen);
        }

        var answer = await _api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return new EventReader(answer, new StreamReader(await answer.Content.ReadAsStreamAsync()));
    }
}
