using System.Text.Json;
using ProtocolTool = ModelContextProtocol.Protocol.Tool;

namespace ProtoAgent.Agent.Tools.Mcp;

/// <summary>A server's tool as the model sees it.</summary>
internal sealed class McpTool(McpServer server, string name, ProtocolTool tool) : Tool
{
    public override string Name => name;

    public override string Description => tool.Description ?? tool.Title ?? $"The tool '{tool.Name}' of the MCP server '{server.Name}', which says no more about it.";

    public override JsonElement Schema => tool.InputSchema;

    /// <summary>
    /// What the server says of itself is believed where a lie costs it alone: that a call may be repeated, or made beside others.
    /// Whether a person must approve is configuration's to say.
    /// </summary>
    public override ToolTraits Traits =>
        tool.Annotations?.ReadOnlyHint == true ? ToolTraits.External | ToolTraits.Idempotent | ToolTraits.Parallel
        : tool.Annotations?.IdempotentHint == true ? ToolTraits.External | ToolTraits.Idempotent
        : ToolTraits.External;

    public override async Task<ToolResult> CallAsync(JsonElement arguments, ToolCall call, CancellationToken cancellationToken)
    {
        if (arguments.ValueKind is not JsonValueKind.Object)
        {
            throw new ToolException($"{name} needs its arguments as an object.");
        }

        var given = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var argument in arguments.EnumerateObject())
        {
            given[argument.Name] = argument.Value;
        }

        return new ToolResult(await server.CallAsync(tool.Name, given, cancellationToken));
    }
}
