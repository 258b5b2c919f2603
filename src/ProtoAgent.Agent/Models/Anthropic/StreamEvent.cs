using System.Text.Json;

namespace ProtoAgent.Agent.Models.Anthropic;

/// <summary>One event of an answer. Its type says which of the fields it has; new types and fields may come at any time.</summary>
/// <param name="Type"><c>message_start</c>, <c>content_block_start</c>, <c>content_block_delta</c>, <c>content_block_stop</c>, <c>message_delta</c>, <c>message_stop</c>, <c>ping</c> or <c>error</c>.</param>
/// <param name="Index">Of the block that begins, grows or ends.</param>
internal sealed record StreamEvent(
    string? Type, int Index = 0, StartedMessage? Message = null, StartedBlock? ContentBlock = null, StreamDelta? Delta = null, StreamUsage? Usage = null, StreamError? Error = null);

internal sealed record StartedMessage(string? Id = null, string? Model = null, StreamUsage? Usage = null);

/// <param name="Type"><c>text</c>, <c>thinking</c>, <c>redacted_thinking</c> or <c>tool_use</c>.</param>
/// <param name="Data">Of redacted thinking.</param>
/// <param name="Input">Of a call; usually empty here, and written out in the deltas.</param>
internal sealed record StartedBlock(
    string? Type, string? Text = null, string? Thinking = null, string? Signature = null, string? Data = null, string? Id = null, string? Name = null, JsonElement? Input = null);

/// <param name="Type"><c>text_delta</c>, <c>thinking_delta</c>, <c>signature_delta</c> or <c>input_json_delta</c>; null in a message's delta.</param>
/// <param name="StopReason">In a message's delta.</param>
internal sealed record StreamDelta(
    string? Type = null, string? Text = null, string? Thinking = null, string? Signature = null, string? PartialJson = null, string? StopReason = null);

/// <summary>Running totals: a later one replaces what it names.</summary>
/// <param name="InputTokens">Without those of the cache.</param>
internal sealed record StreamUsage(long? InputTokens = null, long? CacheReadInputTokens = null, long? CacheCreationInputTokens = null, long? OutputTokens = null);

internal sealed record StreamError(string? Type = null, string? Message = null);
