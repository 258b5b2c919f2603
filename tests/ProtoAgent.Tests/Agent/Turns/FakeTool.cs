using System.Collections.Concurrent;
using System.Text.Json;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.Tests.Agent.Turns;

/// <summary>A tool that does what the test says, and remembers how often it was called.</summary>
internal sealed class FakeTool(string name, ToolTraits traits = ToolTraits.None) : Tool
{
    public override string Name => name;

    public override string Description => $"{name} for a test.";

    public override JsonElement Schema { get; } = JsonElement.Parse("""{"type":"object"}""");

    public override ToolTraits Traits => traits;

    /// <summary>"arguments" of each call, in the order they began.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    public ConcurrentQueue<string> Keys { get; } = [];

    public Func<JsonElement, CancellationToken, Task<string>> Does { get; set; } = (_, _) => Task.FromResult($"{name} did");

    public override async Task<ToolResult> CallAsync(JsonElement arguments, ToolCall call, CancellationToken cancellationToken)
    {
        Calls.Enqueue(arguments.GetRawText());
        Keys.Enqueue(call.IdempotencyKey);
        return new ToolResult(await Does(arguments, cancellationToken));
    }
}
