using System.Text.Json;
using ProtoAgent.Agent.Tools;

namespace ProtoAgent.CrashHost;

/// <summary>
/// A tool whose effect is a line in a file. The idempotent one looks for its key first, as whoever takes an idempotency key
/// does; the other just writes.
/// </summary>
internal sealed class Effects(string name, ToolTraits traits, string file, Points points) : Tool
{
    public override string Name => name;

    public override string Description => "Writes a line.";

    public override JsonElement Schema { get; } = JsonElement.Parse("""{"type":"object","properties":{"n":{"type":"integer"}}}""");

    public override ToolTraits Traits => traits;

    public override Task<ToolResult> CallAsync(JsonElement arguments, ToolCall call, CancellationToken cancellationToken)
    {
        points.Reach($"before the effect of {name}");
        var line = $"{name} {arguments.GetProperty("n")} {call.IdempotencyKey}";
        if (!traits.HasFlag(ToolTraits.Idempotent) || !File.Exists(file) || !File.ReadLines(file).Contains(line))
        {
            File.AppendAllText(file, line + "\n");
        }

        points.Reach($"after the effect of {name}");
        return Task.FromResult(new ToolResult($"{name} {arguments.GetProperty("n")} done"));
    }
}
