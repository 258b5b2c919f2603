using Microsoft.Extensions.Logging.Abstractions;
using ProtoAgent.Agent.Memory;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Memory;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;
using static ProtoAgent.Tests.Agent.Turns.TurnFixture;

namespace ProtoAgent.Tests.Agent.Memory;

public sealed class SessionMemoryTests : IAsyncLifetime
{
    private readonly MemoryBench _bench = new();

    public async ValueTask InitializeAsync()
    {
        _bench.Turns.Tools.Add(new FakeTool("look", ToolTraits.Idempotent));
        await _bench.StartAsync();
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Turn_Ended_IsSummarised()
    {
        var turn = _bench.Turns.Runner.Start(new TurnRequest { Message = "My boat\n is called Amaranth.", ThreadId = "t", Origin = "openai" });
        (await _bench.Turns.Model.NextAsync()).Calls(Call("look"), Call("look"));
        (await _bench.Turns.Model.NextAsync()).Answer("<think>a boat?</think>A fine name.");
        await turn.Completion;
        await _bench.Sessions.FlushAsync();
        await _bench.SayAsync("And it is red.", "Red it is.");

        var summary = _bench.Files.Read("t")!;
        (summary.SessionId, summary.Surface, summary.Topic, summary.MessageCount).ShouldBe(("t", "openai", "My boat is called Amaranth.", 4));
        summary.Messages.Select(m => $"{m.Role}: {m.Content}").ShouldBe(["user: My boat\n is called Amaranth.", "assistant: A fine name.", "user: And it is red.", "assistant: Red it is."]);
        (summary.ToolCallsTotalCount, summary.ToolCalls.Single(), summary.FinalOutput).ShouldBe((2, new SessionToolCount("look", 2), "Red it is."));
        summary.Timestamp.ShouldBe((await _bench.Turns.Store.GetThreadAsync("t"))!.UpdatedAt);
    }

    [Fact]
    public async Task Turn_ThatBeginsWhileTheOneBeforeIsSummarised_IsCountedOnce()
    {
        _bench.Turns.Ended = _ => { };
        await _bench.SayAsync("one", "two");
        TurnHandle? next = null;
        var store = new TroubledCheckpoints(_bench.Turns.Store)
        {
            ThreadRead = async () =>
            {
                next = _bench.Turns.Send("three");
                await next.Events.WaitToReadAsync();
            },
        };
        await using var sessions = new SessionMemory(_bench.Files, store, _bench.Options, _bench.Turns.Time, NullLogger<SessionMemory>.Instance);
        sessions.TurnEnded(new TurnEnded("any", "t", "operator", TurnStatus.Done, ""));
        await sessions.FlushAsync();
        _bench.Files.Read("t")!.MessageCount.ShouldBe(2);

        (await _bench.Turns.Model.NextAsync()).Answer("four");
        await next!.Completion;
        (await sessions.GetAsync("t"))!.Messages.Select(m => m.Content).ShouldBe(["one", "two", "three", "four"]);
    }

    [Fact]
    public async Task Turns_OfManyMessages_KeepTheLastAndTheFirstWords()
    {
        for (var i = 0; i < 20; i++)
        {
            await _bench.SayAsync($"message {i} {new string('x', 3000)}");
        }

        var summary = _bench.Files.Read("t")!;
        (summary.MessageCount, summary.Messages.Count).ShouldBe((40, SummaryWriter.MostMessages));
        summary.Topic.ShouldStartWith("message 0 ");
        summary.Messages.ShouldAllBe(m => m.Content.Length <= SummaryWriter.LongestMessage);
        summary.Messages[^2].Content.ShouldStartWith("message 19 ");
    }

    [Theory]
    [InlineData("system:activity", false)]
    [InlineData("system:activity:0199", false)]
    [InlineData("secret", true)]
    public async Task Turn_ThatIsNobodysConversation_LeavesNothing(string thread, bool incognito)
    {
        await _bench.SayAsync("hello there", thread: thread, incognito: incognito);
        Directory.Exists(_bench.Turns.Paths.Memory).ShouldBeFalse();
        (await _bench.Sessions.GetAsync(thread)).ShouldBeNull();
        (await _bench.Sessions.GetAsync($"incognito:{thread}")).ShouldBeNull();
    }

    [Fact]
    public async Task Rewind_AndAnotherTurnOfTheSameLength_TheSummaryIsOfWhatIsThere()
    {
        await _bench.SayAsync("first");
        await _bench.SayAsync("wrong turning");
        await _bench.Turns.Store.RewindThreadAsync("t", 2);
        (await _bench.Sessions.GetAsync("t"))!.Messages.Count.ShouldBe(2);
        await _bench.SayAsync("wrong turning");
        await _bench.Turns.Store.RewindThreadAsync("t", 2);
        _bench.Turns.Time.Advance(TimeSpan.FromSeconds(1));
        await _bench.SayAsync("right turning");
        _bench.Files.Read("t")!.Messages.Select(m => m.Content).ShouldBe(["first", "very well", "right turning", "very well"]);
    }

    [Fact]
    public async Task Crash_BeforeTheSummary_TheNextProcessMakesIt()
    {
        await _bench.SayAsync("lost and found", thread: "a");
        await _bench.SayAsync("asked for", thread: "b");
        File.Delete(Path.Combine(_bench.Turns.Paths.Memory, "a.json"));
        File.Delete(Path.Combine(_bench.Turns.Paths.Memory, "b.json"));
        await _bench.Turns.CrashAsync();
        (await _bench.Sessions.GetAsync("b"))!.Topic.ShouldBe("asked for");
        _bench.Files.Read("a").ShouldBeNull("nothing is looked through before there is a turn");
        await _bench.SayAsync("hello", thread: "c");
        _bench.Files.Read("a")!.Topic.ShouldBe("lost and found");
    }

    [Fact]
    public async Task Forget_WhileTheThreadStays_NothingSaidByThenComesBack()
    {
        await _bench.SayAsync("the password is swordfish");
        (await _bench.Sessions.ForgetAsync("t")).ShouldBeTrue();
        (await _bench.Sessions.ForgetAsync("t")).ShouldBeFalse("it is forgotten already");
        (await _bench.Sessions.GetAsync("t")).ShouldBeNull();
        _bench.Sessions.List(10, null).Items.ShouldBeEmpty();
        await _bench.Turns.CrashAsync();
        await _bench.SayAsync("good morning", thread: "other");
        (await _bench.Sessions.GetAsync("t")).ShouldBeNull();

        await _bench.SayAsync("what is new");
        var summary = (await _bench.Sessions.GetAsync("t"))!;
        (summary.Topic, summary.MessageCount).ShouldBe(("what is new", 2));
        (await File.ReadAllTextAsync(Path.Combine(_bench.Turns.Paths.Memory, "t.json"))).ShouldNotContain("swordfish");
    }

    [Fact]
    public async Task Forget_OfADeletedThread_LeavesNoFile_AlsoForATurnWhoseSummaryIsLate()
    {
        await _bench.SayAsync("hello");
        await _bench.Turns.Store.DeleteThreadAsync("t");
        (await _bench.Sessions.ForgetAsync("t")).ShouldBeTrue();
        _bench.Sessions.TurnEnded(new TurnEnded("x", "t", "operator", TurnStatus.Done, ""));
        await _bench.Sessions.FlushAsync();
        Directory.EnumerateFiles(_bench.Turns.Paths.Memory).ShouldBeEmpty();
    }

    [Fact]
    public async Task DeleteBefore_WhatIsOld_StaysForgottenThoughItsThreadIsThere()
    {
        await _bench.SayAsync("the password is swordfish", thread: "kept");
        await _bench.SayAsync("something old", thread: "gone");
        await _bench.Turns.Store.DeleteThreadAsync("gone");
        _bench.Turns.Time.Advance(TimeSpan.FromDays(2));
        await _bench.SayAsync("something new", thread: "young");
        var before = _bench.Turns.Time.GetUtcNow().AddDays(-1);
        (await _bench.Sessions.DeleteBeforeAsync(before, CancellationToken.None)).ShouldBe(2);
        (await _bench.Sessions.DeleteBeforeAsync(before, CancellationToken.None)).ShouldBe(0);
        (await _bench.Sessions.GetAsync("kept")).ShouldBeNull();
        _bench.Sessions.List(10, null).Items.Select(s => s.SessionId).ShouldBe(["young"]);
        _bench.Sessions.Digest.Latest("").Select(s => s.SessionId).ShouldBe(["young"]);
        Directory.EnumerateFiles(_bench.Turns.Paths.Memory).Select(Path.GetFileName).ShouldBe(["kept.json", "young.json"], ignoreOrder: true);
    }

    [Fact]
    public async Task Folder_InTrouble_TurnsGoOnAndItIsSaid()
    {
        Directory.CreateDirectory(_bench.Turns.Paths.Root);
        await File.WriteAllTextAsync(_bench.Turns.Paths.Memory, "in the way");
        await _bench.SayAsync("hello");
        _bench.Sessions.Problem!.Message.ShouldContain(_bench.Turns.Paths.Memory);
        File.Delete(_bench.Turns.Paths.Memory);
        await _bench.SayAsync("again");
        (_bench.Sessions.Problem, _bench.Files.Read("t")!.MessageCount).ShouldBe((null, 4));
    }

    [Fact]
    public async Task RecallSession_ReadsOneAndSaysWhenThereIsNone()
    {
        await _bench.SayAsync("We sail on Monday.", "Ahoy.", "trip");
        var turn = _bench.Turns.Send("when do we sail?", "other");
        (await _bench.Turns.Model.NextAsync()).Calls(Call("recall_session", """{"session_id":"trip"}""", "c1"), Call("recall_session", """{"session_id":"nowhere"}""", "c2"));
        var call = await _bench.Turns.Model.NextAsync();
        call.Answer("On Monday.");
        await turn.Completion;
        var steps = await _bench.Turns.ThreadAsync("other");
        steps.ShouldContain(s => s.StartsWith("ok recall_session Conversation trip, through operator") && s.Contains("user: We sail on Monday.\nassistant: Ahoy."));
        steps.ShouldContain(s => s.StartsWith("error recall_session Nothing is remembered of a conversation 'nowhere'"));
    }
}
