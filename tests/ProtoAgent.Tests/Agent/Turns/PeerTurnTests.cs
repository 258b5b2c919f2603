using ProtoAgent.Agent.Records;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>What comes with a turn another agent asked for, and stays with it.</summary>
public sealed class PeerTurnTests : IAsyncLifetime
{
    private readonly TurnFixture _fixture = new();
    private readonly FakeTool _attach = new("attach", ToolTraits.ForPeers);

    public async ValueTask InitializeAsync()
    {
        _fixture.Tools.Add(_attach);
        _fixture.Options = new TurnOptions { Resume = ResumePolicy.Always };
        await _fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData("a2a", true)]
    [InlineData("operator", false)]
    [InlineData("task", false)]
    public async Task Tool_ForPeers_IsOfferedInTheirTurnsAlone(string origin, bool offered)
    {
        var turn = _fixture.Runner.Start(new TurnRequest { Message = "hi", ThreadId = "t", Origin = origin });
        var call = await _fixture.Model.NextAsync();
        (call.Options?.Tools?.Any(t => t.Name == "attach") == true).ShouldBe(offered);
        call.Answer("ok");
        await turn.Completion;
    }

    [Fact]
    public async Task HopsAndTrace_OfATurn_AreItsOwnAndOutliveACrash()
    {
        var trace = TraceContext.Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a=1");
        var seen = new List<(int, TraceContext?)>();
        _attach.Does = (_, _) =>
        {
            seen.Add((TurnHops.Current, TraceContext.Current));
            return Task.FromResult("did");
        };
        _fixture.Runner.Start(new TurnRequest { Message = "hi", ThreadId = "t", Origin = "a2a", Attended = false, Hops = 2, Trace = trace });
        await _fixture.Model.NextAsync();
        (TurnHops.Current, TraceContext.Current).ShouldBe((0, null));

        await _fixture.CrashAsync();
        await _fixture.Runner.ResumeAsync(default);
        var call = await _fixture.Model.NextAsync();
        call.Calls(TurnFixture.Call("attach", id: "c"));
        (await _fixture.Model.NextAsync()).Answer("ok");
        while (seen.Count == 0)
        {
            await Task.Yield();
        }

        seen.ShouldBe([(2, trace)]);
    }
}
