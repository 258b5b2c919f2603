using System.Text.Json;

namespace ProtoAgent.Agent.Models.Anthropic;

/// <summary>A piece of a message we send. Its type says which of the fields it has.</summary>
/// <param name="Type"><c>text</c>, <c>thinking</c>, <c>redacted_thinking</c>, <c>tool_use</c>, <c>tool_result</c>, <c>image</c> or <c>document</c>.</param>
internal sealed record RequestBlock(string Type)
{
    public string? Text { get; init; }

    public string? Thinking { get; init; }

    public string? Signature { get; init; }

    /// <summary>Of redacted thinking: sealed, to be given back as it came.</summary>
    public string? Data { get; init; }

    public string? Id { get; init; }

    public string? Name { get; init; }

    public JsonElement? Input { get; init; }

    public string? ToolUseId { get; init; }

    public string? Content { get; init; }

    public bool? IsError { get; init; }

    public BlockSource? Source { get; init; }

    /// <summary>Everything up to here may be kept, and costs less when it is sent again.</summary>
    public CacheControl? CacheControl { get; init; }
}

/// <param name="Type"><c>base64</c> with a media type and data, or <c>url</c>.</param>
internal sealed record BlockSource(string Type, string? MediaType = null, string? Data = null, string? Url = null);

internal sealed record CacheControl(string Type)
{
    public static CacheControl Ephemeral { get; } = new("ephemeral");
}
