using ProtoAgent.Agent.Memory;
using ProtoAgent.Stores.Knowledge;
using ProtoAgent.Stores.Memory;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Memory;

public sealed class FactHarvestTests : IAsyncLifetime
{
    private const string Said = "My boat is called Amaranth and it lies in Kiel.";

    private readonly MemoryBench _bench = new();

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Session_Over_AskedOnceAndKept()
    {
        await _bench.SayAsync(Said, "<tool_output>ignore me</tool_output>");
        _bench.Cheap.IsAsked.ShouldBeFalse("the session is not over");
        var call = await OverAsync();
        call.Last.ShouldContain(Said);
        call.Answer("<think>facts</think>\n- The user's boat is called Amaranth.\n* It lies in Kiel.\nThat is all.\n- The user's boat is called Amaranth.");
        await _bench.Facts.FlushAsync();
        var facts = await _bench.KnownAsync(FactHarvest.Domain);
        facts.Select(f => f.Content).ShouldBe(["The user's boat is called Amaranth.", "It lies in Kiel."], ignoreOrder: true);
        facts.ShouldAllBe(f => f.Trust == ChunkTrust.Agent && f.Source == "session:t");
        _bench.Files.Read("t")!.Facts.ShouldBe(new FactState(2));

        _bench.Turns.Time.Advance(TimeSpan.FromDays(1));
        await _bench.Facts.FlushAsync();
        _bench.Cheap.IsAsked.ShouldBeFalse("nothing was said since");

        await _bench.SayAsync("I also have a small dog named Rex.");
        var again = await OverAsync();
        again.Last.ShouldContain("Rex");
        again.Last.ShouldNotContain("Amaranth", Case.Insensitive, "those turns are dealt with");
        again.Answer("NONE");
        await _bench.Facts.FlushAsync();
        (await _bench.KnownAsync(FactHarvest.Domain)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Session_OverWhileOthersGoOn_FoundByTheirTurns()
    {
        await _bench.SayAsync(Said, thread: "quiet");
        for (var i = 0; i < 3; i++)
        {
            _bench.Turns.Time.Advance(TimeSpan.FromMinutes(6));
            await _bench.SayAsync("hello", thread: "busy");
        }

        (await _bench.Cheap.NextAsync()).Answer("NONE");
        await _bench.Facts.FlushAsync();
        _bench.Files.Read("quiet")!.Facts!.Through.ShouldBe(2);
    }

    [Fact]
    public async Task Greeting_NobodyIsAskedAboutIt()
    {
        await _bench.SayAsync("hello there");
        _bench.Turns.Time.Advance(TimeSpan.FromHours(1));
        await _bench.Facts.FlushAsync();
        (_bench.Cheap.IsAsked, _bench.Files.Read("t")!.Facts!.Through).ShouldBe((false, 2));
    }

    [Fact]
    public async Task Crash_BetweenTheAnswerAndTheKnowledge_KeptByTheNextProcessWithoutAsking()
    {
        await _bench.SayAsync(Said);
        await _bench.Sessions.ChangeAsync("t", s => s with { Facts = new FactState(0, 0, ["The boat is Amaranth."], s.Head) });
        await _bench.Turns.CrashAsync();
        await _bench.SayAsync("hello", thread: "other");
        _bench.Turns.Time.Advance(TimeSpan.FromHours(1));
        await _bench.Facts.FlushAsync();
        (await _bench.KnownAsync(FactHarvest.Domain)).Select(f => f.Content).ShouldBe(["The boat is Amaranth."]);
        (await _bench.Facts.HarvestAsync("t", CancellationToken.None)).ShouldBe(0);
        _bench.Cheap.IsAsked.ShouldBeFalse();
    }

    [Fact]
    public async Task Crash_BeforeTheModelAnswered_AskedAgainAndThreeTimesAtMost()
    {
        await _bench.SayAsync(Said);
        for (var i = 0; i < 3; i++)
        {
            await OverAsync();
            await _bench.Turns.CrashAsync();
            await _bench.SayAsync("hello", thread: "other");
        }

        _bench.Turns.Time.Advance(TimeSpan.FromHours(1));
        await _bench.Facts.FlushAsync();
        (_bench.Cheap.IsAsked, _bench.Files.Read("t")!.Facts!.Through).ShouldBe((false, 2));
    }

    [Fact]
    public async Task Model_Away_TriedWithTheNextSession()
    {
        await _bench.SayAsync(Said);
        (await OverAsync()).Fail(new HttpRequestException("away"));
        await _bench.Facts.FlushAsync();
        _bench.Turns.Time.Advance(TimeSpan.FromDays(2));
        await _bench.Facts.FlushAsync();
        _bench.Cheap.IsAsked.ShouldBeFalse("an instance at rest is not woken for it");
        await _bench.SayAsync("hello", thread: "other");
        (await _bench.Cheap.NextAsync()).Answer("- The boat is Amaranth.");
        await _bench.Facts.FlushAsync();
        (await _bench.KnownAsync(FactHarvest.Domain)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Fork_BeginsWhereItWasForked()
    {
        await _bench.SayAsync(Said);
        (await OverAsync()).Answer("NONE");
        await _bench.Facts.FlushAsync();
        await _bench.Turns.Store.ForkThreadAsync("t", "fork", null);
        await _bench.SayAsync("My sister Ada lives in Oslo with two cats.", thread: "fork");
        var call = await OverAsync();
        call.Last.ShouldContain("Ada");
        call.Last.ShouldNotContain("Amaranth");
        call.Answer("NONE");
    }

    [Fact]
    public async Task Session_DeletedWhileTheModelThinks_NothingIsKept()
    {
        await _bench.SayAsync(Said);
        var call = await OverAsync();
        await _bench.Turns.Store.DeleteThreadAsync("t");
        await _bench.Sessions.ForgetAsync("t");
        call.Answer("- The boat is Amaranth.");
        await _bench.Facts.FlushAsync();
        (await _bench.KnownAsync(FactHarvest.Domain)).ShouldBeEmpty();
        _bench.Files.Read("t").ShouldBeNull();
    }

    [Fact]
    public async Task Offline_NothingIsAskedAndNoTimerIsSet()
    {
        await using var bench = new MemoryBench { Provider = "offline", Options = new MemoryOptions() };
        await bench.StartAsync();
        await bench.SayAsync(Said);
        bench.Facts.IsOn.ShouldBeFalse();
        bench.Turns.Time.Advance(TimeSpan.FromDays(1));
        await bench.Facts.FlushAsync();
        (bench.Cheap.IsAsked, bench.Files.Read("t")!.MessageCount).ShouldBe((false, 2));
    }

    private async Task<ScriptedClient.Call> OverAsync()
    {
        _bench.Turns.Time.Advance(_bench.Options.SessionIdle);
        return await _bench.Cheap.NextAsync();
    }
}
