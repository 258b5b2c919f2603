using System.Text.Json.Serialization;
using ProtoAgent.Agent.Events;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>What the bus is told of MCP servers: <c>mcp.server</c>, whenever one's state or tools became others. Where it was removed, that it is gone.</summary>
public sealed class McpNews(EventBus events)
{
    public void Changed(McpServerStatus server) => events.Publish(
        "mcp.server",
        new McpServerEvent(server.Name, server.State.ToString().ToLowerInvariant(), server.Tools.Count, server.LastError),
        McpNewsJson.Default.McpServerEvent);
}

/// <param name="Tools">How many.</param>
internal sealed record McpServerEvent(string Name, string State, int Tools, string? LastError);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(McpServerEvent))]
internal sealed partial class McpNewsJson : JsonSerializerContext;
