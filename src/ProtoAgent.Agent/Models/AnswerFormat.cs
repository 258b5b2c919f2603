using System.Text.Json;
using Microsoft.Extensions.AI;

namespace ProtoAgent.Agent.Models;

/// <summary>The answer is to be JSON. The model's endpoint is asked for it, and what it says is passed on as it comes: whoever asks checks it.</summary>
/// <param name="Schema">What it is to be held to; null for any object.</param>
/// <param name="Strict">The endpoint is to hold it to the schema exactly; null leaves it to the endpoint.</param>
public sealed record AnswerFormat(JsonElement? Schema = null, string? Name = null, string? Description = null, bool? Strict = null)
{
    /// <summary>Where the client of an endpoint finds <see cref="Strict"/>, among the additional properties of its options.</summary>
    internal const string StrictKey = "response_format_strict";

    internal ChatResponseFormat ToModel() => Schema is { } schema ? ChatResponseFormat.ForJsonSchema(schema, Name ?? "answer", Description) : ChatResponseFormat.Json;
}
