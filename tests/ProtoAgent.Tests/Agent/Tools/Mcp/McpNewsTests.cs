using System.Text;
using Microsoft.Extensions.Time.Testing;
using ProtoAgent.Agent.Events;
using ProtoAgent.Agent.Tools.Mcp;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Mcp;

public sealed class McpNewsTests
{
    [Fact]
    public async Task Changed_TellsTheBus_WithoutWhatIsSecret()
    {
        var bus = new EventBus(new FakeTimeProvider());
        using var subscription = bus.Subscribe();
        new McpNews(bus).Changed(new McpServerStatus("wiki", "npx", McpServerState.Failed, ["a", "b"], "it can't be found", McpServerOrigin.Api));
        var told = await subscription.Events.ReadAsync();
        told.Topic.ShouldBe("mcp.server");
        Encoding.UTF8.GetString(told.Data.Span).ShouldBe("""{"name":"wiki","state":"failed","tools":2,"last_error":"it can\u0027t be found"}""");
    }
}
