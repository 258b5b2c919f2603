using System.ComponentModel;
using System.Text.Json.Serialization;

namespace ProtoAgent.Agent.Tools;

/// <summary><c>show_config</c>: what the instance runs with, and where each value came from.</summary>
/// <param name="entries">All of them, secrets already masked; a null value is not set.</param>
public sealed class ShowConfigTool(Func<IReadOnlyList<(string Key, string? Value, string Origin)>> entries) : TypedTool<ShowConfigTool.Arguments>(
    "show_config",
    "Shows this agent's configuration, a line for each key: 'key = value (where it came from)'. Secrets are masked.",
    ShowConfigJson.Default.Arguments)
{
    public override ToolTraits Traits => ToolTraits.Idempotent | ToolTraits.Parallel;

    protected override Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        var all = entries();
        var prefix = arguments.Prefix?.Trim() ?? "";
        var shown = all.Where(e => e.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Select(e => $"{e.Key} = {e.Value ?? "(not set)"} ({e.Origin})").ToList();
        if (shown.Count == 0)
        {
            var groups = all.Select(e => e.Key.Split('.')[0]).Distinct().Order(StringComparer.Ordinal);
            throw new ToolException($"No key begins with '{prefix}'. Keys begin with: {string.Join(", ", groups)}.");
        }

        return Task.FromResult(new ToolResult(string.Join('\n', shown)));
    }

    public sealed record Arguments
    {
        [Description("Only keys that begin so, such as 'model.'. Default: all.")]
        public string? Prefix { get; init; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ShowConfigTool.Arguments))]
internal sealed partial class ShowConfigJson : JsonSerializerContext;
