using System.Diagnostics;
using ProtoAgent.Agent.Records;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Records;

[Collection(nameof(AgentTelemetryTests))]
public sealed class TraceContextTests
{
    private const string Parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Theory]
    [InlineData(Parent, Parent)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes", Parent)]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Parent)]
    public void Parse_Valid_IsItAsVersionNought(string given, string expected) => TraceContext.Parse(given, null).ShouldBe(new TraceContext(expected, null));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x")]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01what")]
    [InlineData(Parent + "," + Parent)]
    [InlineData("|4bf92f35.1.")]
    public void Parse_Malformed_IsNone(string? given) => TraceContext.Parse(given, "a=1").ShouldBeNull();

    [Theory]
    [InlineData("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", true)]
    [InlineData("a@b=1, ,c=2", true)]
    [InlineData("A=1", false)]
    [InlineData("a=1,a=2", false)]
    [InlineData("a", false)]
    [InlineData("a=b=c", false)]
    [InlineData("a=1\r\nx: y", false)]
    public void Parse_State_IsKeptIfValidAndNeverTakesTheParentAlong(string state, bool kept)
    {
        var trace = TraceContext.Parse(Parent, state);
        trace!.Parent.ShouldBe(Parent);
        trace.State.ShouldBe(kept ? state : null);
    }

    [Fact]
    public void Parse_StateThatIsTooLong_IsLeftOut() => TraceContext.Parse(Parent, "a=" + new string('x', 511))!.State.ShouldBeNull();

    [Fact]
    public void Current_SpanRuns_IsTheSpansWithinTheCallersTrace()
    {
        TraceContext.Caller = TraceContext.Parse(Parent, "a=1");
        TraceContext.Current.ShouldBe(TraceContext.Caller);
        using var span = new Activity("x").SetParentId(Parent);
        span.TraceStateString = "a=1";
        span.Start();
        TraceContext.Current.ShouldBe(new TraceContext(span.Id!, "a=1"));
        TraceContext.Current!.Parent.ShouldStartWith("00-4bf92f3577b34da6a3ce929d0e0e4736-");
    }
}
