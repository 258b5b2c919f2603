using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>
/// <c>notifications/message</c>: to a client that asked for them (<c>logging/setLevel</c>), from that level up. They say what happens to
/// turns and in the instance, by ids and names; never what a tool was given or a secret.
/// </summary>
internal static class McpLog
{
    /// <param name="topic">Names who says it: <c>turn.tool_started</c>.</param>
    /// <param name="data">A JSON object, as UTF-8.</param>
    public static Task TellAsync(McpServer server, LoggingLevel level, string topic, ReadOnlyMemory<byte> data, CancellationToken cancelled) =>
        server.LoggingLevel is not { } least || level < least ? Task.CompletedTask
            : server.SendNotificationAsync(
                NotificationMethods.LoggingMessageNotification,
                new LoggingMessageNotificationParams { Level = level, Logger = topic, Data = JsonElement.Parse(data.Span) },
                McpJsonUtilities.DefaultOptions,
                cancelled);

    public static Task TellAsync(McpServer server, LoggingLevel level, string topic, JsonObject data, CancellationToken cancelled) =>
        server.LoggingLevel is not { } least || level < least ? Task.CompletedTask
            : TellAsync(server, level, topic, System.Text.Encoding.UTF8.GetBytes(data.ToJsonString()), cancelled);
}
