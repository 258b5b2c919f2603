using System.Text.Json;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Tools;
using Shouldly;

namespace ProtoAgent.Tests.Agent.Tools;

/// <summary>Calls a tool as a turn does: with JSON.</summary>
internal static class ToolCalls
{
    public static ToolCall Any { get; } = new("thread", "turn", "call", "test");

    public static async Task<string> AskAsync(this Tool tool, JsonObject arguments) =>
        (await tool.CallAsync(JsonSerializer.SerializeToElement(arguments), Any, CancellationToken.None)).Text;

    /// <summary>The message the model is told.</summary>
    public static async Task<string> RefusalAsync(this Tool tool, JsonObject arguments) =>
        (await Should.ThrowAsync<ToolException>(() => tool.AskAsync(arguments))).Message;
}
