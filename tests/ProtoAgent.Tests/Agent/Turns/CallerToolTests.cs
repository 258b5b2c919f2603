using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>Tools of whoever asks: their call ends the turn, and what came of it begins the next.</summary>
public sealed class CallerToolTests : IAsyncLifetime
{
    private readonly TurnFixture _fixture = new();
    private readonly FakeTool _look = new("look", ToolTraits.Idempotent);
    private readonly FakeTool _danger = new("danger", ToolTraits.NeedsApproval);

    public async ValueTask InitializeAsync()
    {
        _fixture.Tools.AddRange([_look, _danger]);
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Call_OfTheCallers_EndsTheTurnWithItInTheThread()
    {
        var turn = Ask();
        var asked = await _fixture.Model.NextAsync();
        asked.Options!.Tools!.Select(t => t.Name).ShouldBe(["danger", "look", "weather"]);
        asked.Say("I ask. ");
        asked.Calls(Call("weather", """{"town":"Bern"}""", "c1"));

        var done = (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
        (done.Reply, done.FinishReason).ShouldBe(("I ask. ", "tool_calls"));
        done.Calls.ShouldBe([new CallerCall("c1", "weather", """{"town":"Bern"}""")]);
        (await _fixture.ThreadAsync()).ShouldBe(["user go", "assistant I ask. ", """call weather {"town":"Bern"}"""]);
        (await _fixture.Store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Done);
    }

    [Fact]
    public async Task Results_WithTheNextTurn_GoOnOverARestart()
    {
        await EndedWithAsync(Call("weather", "{}", "c1"), Call("weather", "{}", "c2"));
        await _fixture.CrashAsync();
        (await OpenCallerCalls.OfAsync(_fixture.Store, "t", CancellationToken.None)).Calls.Select(c => c.CallId).ShouldBe(["c1", "c2"]);

        var turn = _fixture.Runner.Start(Request() with { Message = "", CallResults = [new("c2", "rain", "weather"), new("c1", "sun", "weather")] });
        var asked = await _fixture.Model.NextAsync();
        asked.Messages.Select(m => m.Role.Value).ShouldBe(["system", "user", "assistant", "tool"]);
        asked.Messages[^1].Contents.Cast<FunctionResultContent>().Select(r => $"{r.CallId} {r.Result}").ShouldBe(["c1 sun", "c2 rain"]);
        asked.Answer("both");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldBe("both");
        (await OpenCallerCalls.OfAsync(_fixture.Store, "t", CancellationToken.None)).Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Call_BesideOneOfTheAgents_TheAgentsIsMadeFirst()
    {
        var turn = Ask();
        (await _fixture.Model.NextAsync()).Calls(Call("weather", "{}", "c1"), Call("look", "{}", "c2"));
        var done = (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>();
        (done.FinishReason, done.Calls.Single().CallId).ShouldBe(("tool_calls", "c1"));
        _look.Calls.Count.ShouldBe(1);

        _fixture.Runner.Start(Request() with { Message = "", CallResults = [new("c1", "sun")] });
        (await _fixture.Model.NextAsync()).Messages[^1].Contents.Cast<FunctionResultContent>().Select(r => $"{r.CallId} {r.Result}").ShouldBe(["c1 sun", "c2 look did"]);
    }

    [Fact]
    public async Task Crash_BetweenTheAgentsCallAndTheEnd_TheNextProcessHandsTheCallOver()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _look.Does = async (_, _) =>
        {
            begun.TrySetResult();
            await new TaskCompletionSource().Task;
            return "";
        };
        var turn = Ask(attended: false);
        (await _fixture.Model.NextAsync()).Calls(Call("weather", "{}", "c1"), Call("look", "{}", "c2"));
        await begun.Task;
        _look.Does = (_, _) => Task.FromResult("looked");
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        await _fixture.EndedAsync(turn);

        (await _fixture.ThreadAsync()).ShouldBe(["user go", "assistant ", "call weather {}", "call look {}", "ok look looked"]);
        (await OpenCallerCalls.OfAsync(_fixture.Store, "t", CancellationToken.None)).Calls.Single().CallId.ShouldBe("c1");
        _fixture.Model.IsAsked.ShouldBeFalse();
    }

    [Fact]
    public async Task Crash_InTheModelCall_TheNextProcessStillOffersTheCallersTools()
    {
        var turn = Ask(attended: false);
        await _fixture.Model.NextAsync();
        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(CancellationToken.None);
        var again = await _fixture.Model.NextAsync();
        again.Options!.Tools!.Select(t => t.Name).ShouldContain("weather");
        again.Options.Seed.ShouldBe(7);
        again.Calls(Call("weather", "{}", "c1"));
        await _fixture.EndedAsync(turn);
        (await OpenCallerCalls.OfAsync(_fixture.Store, "t", CancellationToken.None)).Calls.Single().CallId.ShouldBe("c1");
    }

    [Fact]
    public async Task Call_BesideOneAPersonMustAllow_IsHandedOverOnceThatIsDecided()
    {
        var turn = Ask();
        (await _fixture.Model.NextAsync()).Calls(Call("weather", "{}", "c1"), Call("danger", "{}", "c2"));
        var approval = (await turn.Completion).ShouldBeOfType<TurnEvent.Parked>().Approvals.Single();
        await _fixture.Runner.DecideAsync(approval.Id, Decision.Approve, null, CancellationToken.None);
        await _fixture.EndedAsync(turn);
        _danger.Calls.Count.ShouldBe(1);
        (await OpenCallerCalls.OfAsync(_fixture.Store, "t", CancellationToken.None)).Calls.Single().CallId.ShouldBe("c1");
    }

    [Fact]
    public async Task Message_WithoutTheResult_TheModelIsToldThatThereIsNone()
    {
        await EndedWithAsync(Call("weather", "{}", "c1"));
        _fixture.Send("never mind");
        var asked = await _fixture.Model.NextAsync();
        asked.Messages.Select(m => m.Role.Value).ShouldBe(["system", "user", "assistant", "tool", "user"]);
        asked.Messages[3].Contents.OfType<FunctionResultContent>().Single().Result!.ToString()!.ShouldContain("no result");
        asked.Answer("fine");
    }

    [Fact]
    public async Task Name_OfAToolOfTheAgents_IsTheCallersInThatTurn()
    {
        var turn = _fixture.Runner.Start(Request() with { CallerTools = [new CallerTool("look", "the caller's")] });
        var asked = await _fixture.Model.NextAsync();
        asked.Options!.Tools!.Single(t => t.Name == "look").Description.ShouldBe("the caller's");
        asked.Calls(Call("look", "{}", "c1"));
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().FinishReason.ShouldBe("tool_calls");
        _look.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null, "danger,look,weather", null)]
    [InlineData("none", "danger,look", null)]
    [InlineData("required", "weather", "required")]
    [InlineData("weather", "weather", "weather")]
    public async Task ToolChoice_OfTheCaller_SpeaksOfItsOwnTools(string? choice, string offered, string? mode)
    {
        _fixture.Runner.Start(Request() with { Wishes = new ModelWishes { ToolChoice = choice, ParallelCalls = false } });
        var settings = (await _fixture.Model.NextAsync()).Options!;
        string.Join(',', settings.Tools!.Select(t => t.Name)).ShouldBe(offered);
        settings.AllowMultipleToolCalls.ShouldBe(false);
        (settings.ToolMode is RequiredChatToolMode required ? required.RequiredFunctionName ?? "required" : null).ShouldBe(mode);
    }

    [Fact]
    public async Task History_WithCallsUnderOneId_KeepsEachWithItsResult()
    {
        PriorMessage Called(string text) => new(true, text) { Calls = [new PriorCall("call_0", "weather", "{}")] };
        var turn = _fixture.Runner.Start(Request() with
        {
            Message = "and now?",
            History =
            [
                new(false, "first"), Called(""), new(false, "sun") { ResultOf = "call_0" }, new(true, "It is sun."),
                new(false, "second"), Called(""), new(false, "rain") { ResultOf = "call_0" }, new(true, "It is rain."),
            ],
        });
        var asked = await _fixture.Model.NextAsync();
        var ids = asked.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().Select(c => c.CallId).ToList();
        ids.Distinct().Count().ShouldBe(2);
        asked.Messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(r => $"{r.CallId} {r.Result}").ShouldBe([$"{ids[0]} sun", $"{ids[1]} rain"]);
        asked.Calls(Call("weather", "{}", ids[0]));
        var call = (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Calls.Single();
        ids.ShouldNotContain(call.CallId, "an id met twice is given anew");
    }

    [Fact]
    public async Task Format_OfTheRequest_GoesToTheModelInEveryRound()
    {
        var schema = System.Text.Json.JsonElement.Parse("""{"type":"object"}""");
        var turn = _fixture.Runner.Start(Request() with { Wishes = new ModelWishes { Format = new AnswerFormat(schema, "report", Strict: true), Effort = "high", PresencePenalty = 1 } });
        (await _fixture.Model.NextAsync()).Calls(Call("look", "{}", "c1"));
        var second = await _fixture.Model.NextAsync();
        second.Options!.ResponseFormat.ShouldBeOfType<ChatResponseFormatJson>().SchemaName.ShouldBe("report");
        (second.Options.Reasoning!.Effort, second.Options.PresencePenalty).ShouldBe((ReasoningEffort.High, 1f));
        second.Answer("{}");
        (await turn.Completion).ShouldBeOfType<TurnEvent.Completed>().Reply.ShouldBe("{}");
    }

    private static TurnRequest Request() => new()
    {
        Message = "go", ThreadId = "t", CallerTools = [new CallerTool("weather", "of a town")], Wishes = new ModelWishes { Seed = 7 },
    };

    private TurnHandle Ask(bool attended = true) => _fixture.Runner.Start(Request() with { Attended = attended });

    private async Task EndedWithAsync(params AIContent[] calls)
    {
        var turn = Ask();
        (await _fixture.Model.NextAsync()).Calls(calls);
        await turn.Completion;
    }
}
