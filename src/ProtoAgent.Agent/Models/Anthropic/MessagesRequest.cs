using System.Text.Json;

namespace ProtoAgent.Agent.Models.Anthropic;

/// <summary>The body of <c>POST /v1/messages</c>. What is null is left out.</summary>
internal sealed record MessagesRequest(string Model, int MaxTokens, IReadOnlyList<RequestMessage> Messages)
{
    public bool Stream { get; init; } = true;

    public IReadOnlyList<RequestBlock>? System { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public IReadOnlyList<string>? StopSequences { get; init; }

    public IReadOnlyList<RequestTool>? Tools { get; init; }

    public ToolChoice? ToolChoice { get; init; }
}

/// <param name="Role"><c>user</c> (tool results too) or <c>assistant</c>; they alternate.</param>
internal sealed record RequestMessage(string Role, IReadOnlyList<RequestBlock> Content);

/// <param name="InputSchema">An object's JSON schema.</param>
internal sealed record RequestTool(string Name, string Description, JsonElement InputSchema);

/// <param name="Type"><c>auto</c>, <c>any</c>, <c>tool</c> or <c>none</c>.</param>
/// <param name="Name">Of the tool that must be called.</param>
internal sealed record ToolChoice(string Type, string? Name = null, bool? DisableParallelToolUse = null);
