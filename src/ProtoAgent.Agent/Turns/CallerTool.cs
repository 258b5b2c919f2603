using System.Text.Json;

namespace ProtoAgent.Agent.Turns;

/// <summary>A tool of whoever asks: the model may call it, and the caller makes the call. The turn ends there; the next one brings the result.</summary>
/// <param name="Name">1 to 64 of <c>[a-zA-Z0-9_-]</c>. A tool of the agent's of the same name is not offered in that turn.</param>
/// <param name="Schema">JSON schema of the arguments, an object; null for none.</param>
/// <param name="Strict">The model's endpoint is to hold the arguments to the schema; null leaves it to the endpoint.</param>
public sealed record CallerTool(string Name, string? Description = null, JsonElement? Schema = null, bool? Strict = null);

/// <summary>A call the model made of a tool of the caller's.</summary>
/// <param name="CallId">What its result is sent under.</param>
/// <param name="Arguments">JSON as the model gave it, which may not parse.</param>
public sealed record CallerCall(string CallId, string Tool, string Arguments);

/// <summary>What came of a call the caller made.</summary>
/// <param name="Tool">Null where only the id is known.</param>
public sealed record CallerResult(string CallId, string Text, string? Tool = null);
