using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Models;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent;

public sealed class TurnRunnerTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly TempFolder _temp = new();
    private readonly WatchedTime _time = new();
    private readonly ScriptedClient _model = new();
    private readonly ModelOptions _options = new() { Provider = "openai", Name = "m1", Names = ["m2"], Timeout = TimeSpan.FromSeconds(30) };
    private TroubledCheckpoints _store = null!;
    private TurnRunner _runner = null!;

    public async ValueTask InitializeAsync()
    {
        _store = new TroubledCheckpoints(await CheckpointStore.OpenAsync(_temp.Paths(), _ => true, _time, NullLogger.Instance));
        _runner = new TurnRunner(new TurnServices(_store, new ModelCatalog(_options, _ => _model), "me", _time, NullLogger.Instance));
    }

    public async ValueTask DisposeAsync()
    {
        _runner.Dispose();
        await _store.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task Start_AWholeAnswer_StreamedRecordedAndReasoningApart()
    {
        var turn = Start("hello");
        var call = await _model.NextAsync();
        call.Say(new TextReasoningContent("let me think"));
        call.Say("good ");
        call.Say("day");
        call.Say(new UsageContent(new UsageDetails { InputTokenCount = 5, OutputTokenCount = 2 }));
        call.End(ChatFinishReason.Length);

        var events = await EventsAsync(turn);
        events[0].ShouldBe(new TurnEvent.Started("t", turn.TurnId, "m1"));
        events.OfType<TurnEvent.Delta>().Select(d => d.Text).ShouldBe(["good ", "day"]);
        events[^1].ShouldBe(new TurnEvent.Completed("good day", "length", new TurnUsage(5, 2)));
        (await ThreadAsync()).ShouldBe(["user hello", "assistant good day"]);
        StepContent.Parse((await _store.ReadStepsAsync("t"))[1].Content).Reasoning.ShouldBe("let me think");
        var recorded = (await _store.GetTurnAsync(turn.TurnId))!;
        (recorded.Status, recorded.InputTokens, recorded.OutputTokens, recorded.Model).ShouldBe((TurnStatus.Done, 5, 2, "m1"));
    }

    public static TheoryData<string, string> Failures => new()
    {
        { "cut", "model_stream_cut" },
        { "empty", "model_empty" },
        { "json", "model_stream_cut" },
        { "broken", "model_stream_cut" },
        { "unreachable", "model_unreachable" },
        { "model", "model_rate_limited" },
        { "bug", "model_failed" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Start_NoWholeAnswer_FailsSaysSoAndKeepsNoHalf(string how, string code)
    {
        await AnsweredAsync("before", "an earlier reply");
        var turn = Start("now");
        var call = await _model.NextAsync();
        switch (how)
        {
            case "cut":
                call.Say("half");
                call.End(null);
                break;
            case "empty":
                call.Say(" \n");
                call.End(ChatFinishReason.Stop);
                break;
            case "json":
                call.Fail(new System.Text.Json.JsonException("bad"));
                break;
            case "broken":
                call.Say("half");
                call.Fail(new HttpRequestException("reset"));
                break;
            case "unreachable":
                call.Fail(new HttpRequestException("refused", new System.Net.Sockets.SocketException(111)));
                break;
            case "model":
                call.Fail(new ModelException("model_rate_limited", "slow down", TimeSpan.FromSeconds(9)));
                break;
            default:
                call.Fail(new InvalidOperationException("a bug"));
                break;
        }

        var failed = (await EventsAsync(turn))[^1].ShouldBeOfType<TurnEvent.Failed>();
        failed.Code.ShouldBe(code);
        var thread = await ThreadAsync();
        thread[..3].ShouldBe(["user before", "assistant an earlier reply", "user now"]);
        thread[3].ShouldStartWith("note ");
        thread.ShouldNotContain(s => s.Contains("half") && !s.StartsWith("note", StringComparison.Ordinal));
        var recorded = (await _store.GetTurnAsync(turn.TurnId))!;
        (recorded.Status, recorded.ErrorCode).ShouldBe((TurnStatus.Failed, code));

        // The thread goes on, and the model is told what was said, nothing of notes.
        var next = Start("after");
        call = await _model.NextAsync();
        call.Messages.Select(m => m.Text).ShouldBe(["before", "an earlier reply", "now", "after"]);
        call.Answer("fine");
        (await EventsAsync(next))[^1].ShouldBeOfType<TurnEvent.Completed>();
    }

    [Fact]
    public async Task Start_ModelTooSlow_TimesOutByTheClock()
    {
        var turn = Start("hello");
        await _model.NextAsync();
        _time.Advance(_options.Timeout);
        (await EventsAsync(turn))[^1].ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("model_timeout");
    }

    [Fact]
    public async Task Start_OneThread_InTheOrderTheyCameAndOthersBesideIt()
    {
        var turns = Enumerable.Range(0, 5).Select(i => Start($"q{i}")).ToList();
        var first = await _model.NextAsync();
        first.Last.ShouldBe("q0");
        var other = _runner.Start(new TurnRequest { Message = "elsewhere", ThreadId = "u", Origin = "test" });
        (await _model.NextAsync()).Answer("there");
        (await EventsAsync(other))[^1].ShouldBeOfType<TurnEvent.Completed>();
        _model.IsAsked.ShouldBeFalse("the others wait for the first");

        first.Answer("a0");
        for (var i = 1; i < 5; i++)
        {
            var call = await _model.NextAsync();
            call.Last.ShouldBe($"q{i}");
            call.Answer($"a{i}");
        }

        await Task.WhenAll(turns.Select(t => t.Completion));
        (await ThreadAsync()).ShouldBe(Enumerable.Range(0, 5).SelectMany(i => new[] { $"user q{i}", $"assistant a{i}" }));
    }

    [Fact]
    public async Task Start_AnotherProcessAtTheThread_WaitsByTheClock()
    {
        _store.BusyAnswers = 3;
        var turn = Start("patient");
        foreach (var pause in (int[])[25, 50, 100])
        {
            await _time.PassAsync(TimeSpan.FromMilliseconds(pause), s_patience);
        }

        (await _model.NextAsync()).Answer("at last");
        (await EventsAsync(turn))[^1].ShouldBeOfType<TurnEvent.Completed>();
    }

    [Fact]
    public async Task Start_AnotherProcessNeverDone_ThreadBusy()
    {
        _store.BusyAnswers = int.MaxValue;
        var turn = Start("patient");
        foreach (var pause in (int[])[25, 50, 100, 200, 400])
        {
            await _time.PassAsync(TimeSpan.FromMilliseconds(pause), s_patience);
        }

        for (var waited = TimeSpan.FromMilliseconds(775); waited < TimeSpan.FromMinutes(10); waited += TimeSpan.FromMilliseconds(500))
        {
            await _time.PassAsync(TimeSpan.FromMilliseconds(500), s_patience);
        }

        (await EventsAsync(turn))[^1].ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("thread_busy");
    }

    [Fact]
    public async Task Start_TheThreadCantBeRead_TheTurnIsNotLeftRunning()
    {
        _store.Next[nameof(ICheckpointStore.ReadContextAsync)] = new StoreException("checkpoints", "store_busy", "not now");
        (await Start("hello").Completion).ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("store_busy");
        (await _store.GetOpenTurnAsync("t")).ShouldBeNull("the next message would wait for it");
        (await ThreadAsync()).ShouldBe(["user hello", "note not now"]);
    }

    [Fact]
    public async Task Cancel_AsSteeringIsTakenIn_IsRecorded()
    {
        var turn = Start("hello");
        var call = await _model.NextAsync();
        await _runner.SteerAsync("t", "and quickly", CancellationToken.None);
        _store.SteeringTaken = turn.Cancel;
        call.Calls(new FunctionCallContent("c1", "none"));
        (await turn.Completion).ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("cancelled");
        (await _store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Cancelled);
    }

    [Fact]
    public async Task Cancel_WhileTheTurnParks_CancelsIt()
    {
        var (parking, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _store.Parking = () =>
        {
            parking.SetResult();
            return go.Task;
        };
        var tools = new ToolCatalog(new ToolOptions(), [new BuiltInTools(new FakeTool("danger", ToolTraits.NeedsApproval))]);
        using var runner = new TurnRunner(new TurnServices(_store, new ModelCatalog(_options, _ => _model), "me", _time, NullLogger.Instance) { Tools = tools });
        var turn = runner.Start(new TurnRequest { Message = "go", ThreadId = "t" });
        (await _model.NextAsync()).Calls(new FunctionCallContent("c1", "danger"));
        await parking.Task;
        var cancelled = runner.CancelAsync("t", CancellationToken.None);
        go.SetResult();
        (await cancelled)!.ShouldSatisfyAllConditions(t => t.Id.ShouldBe(turn.TurnId), t => t.Status.ShouldBe(TurnStatus.Cancelled));
        (await _store.ListApprovalsAsync(10)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(nameof(ICheckpointStore.BeginTurnAsync), "store_full", false)]
    [InlineData(nameof(ICheckpointStore.ReadContextAsync), "store_full", false)]
    [InlineData(nameof(ICheckpointStore.FinishTurnAsync), "store_full", true)]
    public async Task Start_StoreFails_NothingIsAcknowledged(string call, string code, bool asked)
    {
        _store.Next[call] = new StoreException("checkpoints", code, "no room");
        var turn = Start("hello");
        if (asked)
        {
            (await _model.NextAsync()).Answer("an answer that could not be kept");
        }

        (await EventsAsync(turn))[^1].ShouldBe(new TurnEvent.Failed(code, "no room"));
        _model.IsAsked.ShouldBeFalse();
    }

    [Fact]
    public async Task Start_AfterAnEndThatCouldNotBeWritten_TheThreadIsFree()
    {
        _store.FailingFinishes = 2;
        var turn = Start("hello");
        (await _model.NextAsync()).Answer("an answer that could not be kept");
        (await EventsAsync(turn))[^1].ShouldBe(new TurnEvent.Failed("store_full", "no room"));

        var next = Start("again");
        (await _model.NextAsync()).Answer("kept");
        (await EventsAsync(next))[^1].ShouldBeOfType<TurnEvent.Completed>();
        (await ThreadAsync()).Select(s => s.Split(' ')[0]).ShouldBe(["user", "note", "user", "assistant"]);
        (await _store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Interrupted);
    }

    [Fact]
    public async Task Start_AnotherWriterWentOn_ThreadConflict()
    {
        _store.Next[nameof(ICheckpointStore.FinishTurnAsync)] = new StaleStepException("moved on");
        var turn = Start("hello");
        (await _model.NextAsync()).Answer("too late");
        (await EventsAsync(turn))[^1].ShouldBe(new TurnEvent.Failed("thread_conflict", "moved on"));
    }

    [Fact]
    public async Task Cancel_InAnAnswer_CancelledAndTheThreadSaysSo()
    {
        var turn = Start("hello");
        (await _model.NextAsync()).Say("half");
        turn.Cancel();
        (await EventsAsync(turn))[^1].ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("cancelled");
        (await ThreadAsync())[^1].ShouldStartWith("note The turn was cancelled.");
        (await _store.GetTurnAsync(turn.TurnId))!.Status.ShouldBe(TurnStatus.Cancelled);
        turn.Cancel();
    }

    [Fact]
    public async Task Stop_ATurnThatEndsInTime_Finishes()
    {
        var running = Start("running");
        var call = await _model.NextAsync();
        var waiting = Start("waiting");
        var stopping = _runner.StopAsync(TimeSpan.FromSeconds(10));
        Should.Throw<TurnRejectedException>(() => Start("late")).Code.ShouldBe("shutting_down");
        call.Answer("in time");
        (await EventsAsync(running))[^1].ShouldBeOfType<TurnEvent.Completed>();
        (await EventsAsync(waiting))[^1].ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("shutting_down");
        await stopping;
        (await ThreadAsync()).ShouldBe(["user running", "assistant in time"]);
        await _runner.StopAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task Stop_ATurnThatDoesNot_EndsInterruptedByTheClock()
    {
        var running = Start("running");
        await _model.NextAsync();
        var stopping = _runner.StopAsync(TimeSpan.FromSeconds(10));
        await _time.PassAsync(TimeSpan.FromSeconds(10), s_patience);
        (await EventsAsync(running))[^1].ShouldBeOfType<TurnEvent.Failed>().Code.ShouldBe("shutting_down");
        await stopping;
        (await _store.GetTurnAsync(running.TurnId))!.Status.ShouldBe(TurnStatus.Interrupted);
    }

    [Theory]
    [InlineData(" ", "t", null, "message_blank")]
    [InlineData("x", "", null, "thread_id_invalid")]
    [InlineData("x", "a\u0007", null, "thread_id_invalid")]
    [InlineData("x", " a", null, "thread_id_invalid")]
    [InlineData("x", "a\ud800", null, "thread_id_invalid")]
    [InlineData("x", "t", "none", "model_not_found")]
    public void Start_NoTurn_Rejected(string message, string thread, string? model, string code) =>
        Should.Throw<TurnRejectedException>(() => _runner.Start(new TurnRequest { Message = message, ThreadId = thread, Model = model, Origin = "test" })).Code.ShouldBe(code);

    [Fact]
    public async Task Start_NoThread_AFreshOneEachTime()
    {
        var (one, two) = (_runner.Start(new TurnRequest { Message = "a", Origin = "test" }), _runner.Start(new TurnRequest { Message = "b", Origin = "test" }));
        one.ThreadId.ShouldNotBe(two.ThreadId);
        (await _model.NextAsync()).Answer("x");
        (await _model.NextAsync()).Answer("y");
        await Task.WhenAll(one.Completion, two.Completion);
    }

    [Fact]
    public async Task Start_WithHistory_SeedsANewThreadOnly()
    {
        var request = new TurnRequest { Message = "q2", ThreadId = "t", Origin = "test", History = [new(false, "q1"), new(true, "a1")], Instructions = "be brief", Temperature = 0.5f, StopSequences = ["."] };
        var turn = _runner.Start(request);
        var call = await _model.NextAsync();
        call.Messages.Select(m => $"{m.Role} {m.Text}").ShouldBe(["system be brief", "user q1", "assistant a1", "user q2"]);
        (call.Options!.Temperature, call.Options.StopSequences!.Single()).ShouldBe((0.5f, "."));
        call.Answer("a2");
        await turn.Completion;

        var again = _runner.Start(request with { Message = "q3", Instructions = null });
        call = await _model.NextAsync();
        call.Messages.Select(m => m.Text).ShouldBe(["q1", "a1", "q2", "a2", "q3"]);
        call.Answer("a3");
        await again.Completion;
    }

    private TurnHandle Start(string message) => _runner.Start(new TurnRequest { Message = message, ThreadId = "t", Origin = "test" });

    private async Task AnsweredAsync(string message, string answer)
    {
        var turn = Start(message);
        (await _model.NextAsync()).Answer(answer);
        await turn.Completion;
    }

    private static async Task<List<TurnEvent>> EventsAsync(TurnHandle turn)
    {
        var events = new List<TurnEvent>();
        await foreach (var happened in turn.Events.ReadAllAsync())
        {
            events.Add(happened);
        }

        return events;
    }

    private async Task<List<string>> ThreadAsync() => [.. (await _store.ReadStepsAsync("t")).Select(s => $"{StoredNames.Of(s.Kind)} {StepContent.Parse(s.Content).Text}")];
}
